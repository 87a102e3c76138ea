"""Every write on cases. Each module owns one kind of act; screens, API and imports share them."""
