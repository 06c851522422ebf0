"""Find, explain and mend the rows of a SQLite file that break the promises of its schema."""

__version__ = "0.1.0"
