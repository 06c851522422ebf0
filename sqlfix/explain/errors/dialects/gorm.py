"""GORM: where it translates errors, it names the sort of constraint alone."""

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Said
from sqlfix.explain.errors.message import Kind

_TRANSLATED = {
    Kind.FOREIGN_KEY: "violates foreign key constraint",
    Kind.UNIQUE: "duplicated key not allowed",
    Kind.CHECK: "violates check constraint",
}
# where a name comes next, it is PostgreSQL that speaks
DIALECTS.add(
    "gorm",
    Dialect(
        "GORM",
        135,
        ("gorm.io", *_TRANSLATED.values()),
        tuple(Said(kind, (said,), rf"\b{said}\b(?! \\?\")") for kind, said in _TRANSLATED.items()),
    ),
)
