"""Pages: one's own account, and the administration of staff."""
