"""Find, explain and repair the rows of an SQLite file that break the promises of its schema.

A program calls `sqlfix.api`.
"""

__version__ = "0.1.0"
