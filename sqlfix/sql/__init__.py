"""SQL as text: read, and written."""
