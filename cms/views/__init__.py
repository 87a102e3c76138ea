"""Public views of cms that are not Wagtail pages, and the safe way to editors' files."""
