"""Many files at a time."""
