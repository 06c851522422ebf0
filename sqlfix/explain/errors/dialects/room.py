"""Room, of Android: what it says of foreign keys, and of a table that is not as it expects it."""

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Said
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import LONGEST_SUBJECT

_VIOLATION = (
    r"Foreign key violation\(s\) detected in '(?P<table>[^'\n]{1,300})'"
    r"(?:(?s:.{0,400}?)Parent Table = (?P<parent>[^\n,]{1,300}))?"
)
_MIGRATION = (
    r"Migration didn't properly handle:? (?P<table>[^\n(]{1,300})"
    rf"(?=(?P<subject>(?s:.{{1,{LONGEST_SUBJECT}}}))|\Z)"
)

DIALECTS.add(
    "room",
    Dialect(
        "Room",
        100,
        ("androidx.room", "Migration didn't properly handle", "Foreign key violation(s) detected in '"),
        (Said(Kind.FOREIGN_KEY, ("violation(s)",), _VIOLATION), Said(Kind.MIGRATION, ("properly handle",), _MIGRATION)),
    ),
)
