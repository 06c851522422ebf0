"""The checks of what a table promises by itself, one to a file."""
