"""One reading of each table, and what is found in it."""
