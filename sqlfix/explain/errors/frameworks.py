"""The frameworks whose texts are known, each with what it says in its own way. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import Dialect, Listed, Said, last_of, table_named
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import LONGEST_SUBJECT, names_in_list, plain_columns, plain_text
from sqlfix.explain.errors.printed_values import (
    LONGEST,
    UNKNOWN,
    Parameter,
    Printed,
    bare_list,
    plain_list,
    python_list,
    python_value,
    split_list,
)
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.statement_reader import PARAMETERS

# -- Django: its check of foreign keys names the row --------------------------------------------------------------

_DJANGO_ROW = (
    r"The row in table '(?>(?P<table>[^\n]{0,300}?)' with primary key '(?P<row_key>[^\n]{0,300}?)' has an invalid "
    r"foreign key: )(?>(?P<subject>[^\n]{1,600}?) contains a value '(?P<value>[^\n]{0,1000}?)' that does not )"
    r"have a corresponding value in (?P<parent>[^\n]{1,600}?)\.(?=[\s'\"\\)]|$)"
)


def _django_row(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """``t.a`` and ``p.id``: their tables and their columns."""
    child, table = groups["subject"], groups["table"]
    column = child.removeprefix(f"{table}.") if child.startswith(f"{table}.") else child.rpartition(".")[2]
    parent, _, parent_column = groups["parent"].rpartition(".")
    return {"columns": (column,), "parent": parent, "parent_columns": (parent_column,)}


_DJANGO_KEPT = (
    r"Cannot delete some instances of model u?'(?P<parent>\w{1,300})' because they are\s{1,20}referenced through"
    r" (?:a )?(?P<what>protected|restricted) foreign keys?: (?P<subject>(?:u?'\w{1,300}\.\w{1,300}',?\s{0,20}){1,50})"
)


def _django_kept(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """``'OrderItem.order', 'Invoice.order'``: the models of the rows that reference, and their fields."""
    pairs = re.findall(r"(\w+)\.(\w+)", groups["subject"])
    return {"tables": tuple(model for model, _ in pairs), "columns": tuple(field for _, field in pairs)}


# -- SQLAlchemy: a rule of its own ---------------------------------------------------------------------------------

_BLANKED = (
    r"Dependency rule (?:on column '[^'\n]{1,300}' )?tried to (?P<what>blank-out) primary key column"
    r" '(?P<subject>[^'\n]{1,600})' on instance '[^\n]{1,300}"
)


def _one_column(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """``t.a``: the table of the rows that reference, and their column."""
    table, columns, _ = plain_columns(groups["subject"])
    return {"tables": (table,) if table else (), "columns": columns}


# -- Rails: its check of foreign keys, and the pairs of names and values that it logs ------------------------------


def _rails_tables(groups: Mapping[str, str]) -> Mapping[str, Any]:
    names = tuple(dict.fromkeys(names_in_list(plain_text(groups["subject"]))))
    return {"subject": "", "tables": names, "table": names[0] if len(names) == 1 else None}


def _rails_pairs(printed: str, between: str) -> Printed:
    """``["id", 7], ["name", "x"]``: names and values."""
    pairs = [split_list(part.strip()[1:-1]) for part in split_list(printed)]
    return Printed(([python_value(pair[-1]) for pair in pairs],))


_OF_THE_GEM = tuple(
    f"SQLite3::{kind}Exception" for kind in ("Constraint", "SQL", "Corrupt", "Busy", "ReadOnly", "CantOpen")
)
_RAILS_FOUND = r"Foreign key violations found: (?P<subject>[^\n]{1,1000})"

_RAILS_KEPT = (
    r"Cannot delete record because (?:of (?P<what>dependent) (?P<_named>\w{1,300})"
    r"|a dependent (?P<_one>[^\n]{1,200}?) exists\b|dependent (?P<_many>[^\n]{1,200}?) exist\b)"
)


def _rails_kept(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """The association of the rows that belong to the one that is to go; it is mostly called like their table."""
    name = groups.get("_named") or groups.get("_one") or groups.get("_many") or ""
    return {"tables": (name.replace(" ", "_"),), "what": "dependent"}


# -- Ecto: it words the constraint that failed anew ----------------------------------------------------------------

_ECTO_FAILED = (
    r"constraint error when attempting to \w{{1,20}} struct:\s{{1,20}}\*\s{{1,4}}"
    r"(?:nil|\"?(?P<_name>[^\"\n(]{{0,300}}?)\"?)\s?\({}_constraint\)"
)
_ECTO_KINDS = {"foreign_key": Kind.FOREIGN_KEY, "unique": Kind.UNIQUE, "check": Kind.CHECK}


def _ecto_named(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """The name of an index or a CHECK; of a foreign key Ecto knows none that is in the file."""
    name = groups.get("_name", "").strip()
    return {"constraint": name or None, "subject": name}


# -- Prisma: it words SQLite's messages anew, and prints its call and its model in place of the SQL ----------------

_NEAR = 4_000
_PRISMA_FIELDS = (
    r"(?: on the (?:\(not available\)|foreign key\b|(?:fields?|constraint): ?\(?(?P<_named>[^)\n]{0,500})\)?)"
    r"|: (?P<_quoted>`[^`\n]{0,500}`))"
)
_PRISMA_MODEL = r"\bmodelName\"?: ?['\"](?P<model>\w{1,200})['\"]"
_PRISMA_TARGET = r"\btarget: ?\[([^]\n]{0,300})\]"
_PRISMA_CALL = r"\bprisma\.(?P<model>[^\W\d]\w{0,200})\.(?P<method>create|update|delete)(?:Many)?(?:AndReturn)?\("
_PRISMA_VERBS = {"create": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_PRISMA_MESSAGES = {
    Kind.FOREIGN_KEY: "Foreign key constraint (?:failed|violated)",
    Kind.UNIQUE: "Unique constraint failed",
    Kind.NOT_NULL: "Null constraint violation",
}
_PRISMA_VIOLATIONS = {"ForeignKey": Kind.FOREIGN_KEY, "Unique": Kind.UNIQUE, "Null": Kind.NOT_NULL}
_PRISMA_VIOLATION = (
    r"{}ConstraintViolation {{ constraint: (?:Fields\(\[(?P<_named>[^]\n]{{0,500}})\]\)|[^\n]{{1,100}}?) }}"
)
_PRISMA_RELATION = r"The change you are trying to make would violate the required relation '?[^\n]{1,300}"
_PRISMA_REQUIRED = (
    r"The change you are trying to make would violate the (?P<what>required) relation '[^'\n]{1,300}' between the"
    r" `(?P<_one>\w{1,300})` and `(?P<_other>\w{1,300})` models"
)
_PRISMA_NO_COLUMN = (
    r"The column `(?:[^`\n]{1,200}\.)?(?P<subject>[^`.\n]{1,200})` does not exist in the current database"
)
_PRISMA_NO_TABLE = r"The table `(?P<subject>[^`\n]{1,300})` does not exist in the current database"


def _prisma_fields(groups: Mapping[str, str]) -> Mapping[str, Any]:
    named = groups.get("_named") or groups.get("_quoted") or ""
    # of a foreign key it mostly says no more than that it is one
    return {"columns": () if named.strip("`") == "foreign key" else names_in_list(named)}


def _prisma_target(text: str, at: int) -> tuple[str, ...]:
    match = re.compile(_PRISMA_TARGET).search(text, max(0, at - 300), at + 600)
    return names_in_list(match[1]) if match else ()


def _prisma_call(text: str, at: int) -> Statement | None:
    call = last_of(_PRISMA_CALL, text, max(0, at - _NEAR), at)
    return Statement(_PRISMA_VERBS[call["method"]], call["model"], unread=(PARAMETERS,)) if call else None


def _prisma_model(text: str, at: int) -> str | None:
    match = re.compile(_PRISMA_MODEL).search(text, max(0, at - _NEAR), at + _NEAR)
    return match["model"] if match else None


def _both(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """Two models of which one references the other."""
    return {"tables": (groups["_one"], groups["_other"])}


# -- EF Core: it logs the parameters before the statement ----------------------------------------------------------


def _ef_named(printed: str, between: str) -> Printed:
    """``@p0='7', @p1='x'``: names and values."""
    named = (part.partition("=") for part in split_list(printed))
    return Printed(({name.strip().lstrip("@"): _ef_value(value) for name, _, value in named},))


_EF_SEVERED = (
    r"The association between entit(?:ies|y types) '(?P<parent>[^'\n]{1,300})' and '(?P<_child>[^'\n]{1,300})'"
    r"(?: with the key value '[^\n]{1,300}?')? has been (?P<what>severed)"
)
_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _ef_value(text: str) -> Parameter:
    match = re.match(r"'(.*?)'(?=$|\s*\()|NULL", text.strip())
    if match is None or match[1] == "?":  # which is printed where the values are held to be secrets
        return UNKNOWN
    if match[1] and re.fullmatch(_GUID, match[1]) and "(Size" not in text:
        return match[1].upper()  # not a text, of which the size is told, but a Guid: SQLite is given it in upper case
    return None if match[1] is None else int(match[1]) if re.fullmatch(r"-?\d{1,18}", match[1]) else match[1]


# -- Room, of Android: what it says of foreign keys, and of a table that is not as it expects it --------------------

_ROOM_VIOLATION = (
    r"Foreign key violation\(s\) detected in '(?P<table>[^'\n]{1,300})'"
    r"(?:(?s:.{0,400}?)Parent Table = (?P<parent>[^\n,]{1,300}))?"
)
_ROOM_MIGRATION = (
    r"Migration didn't properly handle:? (?P<table>[^\n(]{1,300})"
    rf"(?=(?P<subject>(?s:.{{1,{LONGEST_SUBJECT}}}))|\Z)"
)

# -- Laravel: the values stand in the SQL, or in Laravel 4 behind it ------------------------------------------------


def _laravel_array(printed: str, between: str) -> Printed:
    """``0 => 7, 1 => 'x', ``: places and values."""
    return Printed(([python_value(re.sub(r"^\d+ => ", "", part)) for part in split_list(printed) if part],))


# -- Hibernate: it logs each parameter on a line of its own, behind the statement -----------------------------------

_BOUND = (
    r"binding parameter [\[(](?P<place>\d{1,4})(?:\] as \[|:)(?P<type>\w{1,40})[\])] (?:<-|-)"
    r" \[(?P<value>[^\n]{0,900})\]"
)


def _hibernate_in_order(printed: str, between: str) -> Printed:
    """The values by their places; only those that directly follow the statement are its own."""
    found = {int(m["place"]): _hibernate_value(m["type"], m["value"]) for m in re.finditer(_BOUND, printed)}
    return Printed(([found.get(place, UNKNOWN) for place in range(1, max(found, default=0) + 1)],))


def _hibernate_value(kind: str, text: str) -> Parameter:
    if text == "null":
        return None
    number = kind.endswith(("INT", "INTEGER")) and re.fullmatch(r"-?\d{1,18}", text)
    return int(text) if number else text


# -- GORM: where it translates errors, it names the sort of constraint alone; PostgreSQL names one next -------------

_GORM_SAYS = {
    Kind.FOREIGN_KEY: "violates foreign key constraint",
    Kind.UNIQUE: "duplicated key not allowed",
    Kind.CHECK: "violates check constraint",
}

# -- the table: a framework stands before those on which it stands --------------------------------------------------

DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "Django",
        ("django.db", "/django/", "has an invalid foreign key: ", "Cannot delete some instances of model "),
        (
            Said(Kind.FOREIGN_KEY, ("have a corresponding value in",), _DJANGO_ROW, _django_row),
            Said(Kind.OWN_RULE, ("Cannot delete some instances",), _DJANGO_KEPT, _django_kept, str.rstrip),
        ),
        parameters=Listed(rf"(?m); args=(?P<list>\([^\n]{{0,{LONGEST}}}\))(?:;|$)", python_list),
    ),
    Dialect(
        "SQLAlchemy",
        ("sqlalchemy.", "sqlalche.me", "[SQL: ", "Dependency rule "),
        (Said(Kind.OWN_RULE, ("Dependency rule",), _BLANKED, _one_column),),
        parameters=Listed(rf"\[parameters: (?P<list>[(\[{{][^\n]{{0,{LONGEST}}})\]", python_list),
    ),
    Dialect("peewee", ("peewee.",)),
    Dialect(
        "Rails",
        (
            "ActiveRecord::",
            *_OF_THE_GEM,
            "activerecord",
            "Foreign key violations found: ",
            "Cannot delete record because ",
        ),
        (
            Said(Kind.FOREIGN_KEY, ("violations found",), _RAILS_FOUND, _rails_tables, plain_text),
            Said(Kind.OWN_RULE, ("Cannot delete record",), _RAILS_KEPT, _rails_kept),
        ),
        {
            "ActiveRecord::InvalidForeignKey": Kind.FOREIGN_KEY,
            "ActiveRecord::NotNullViolation": Kind.NOT_NULL,
            "ActiveRecord::RecordNotUnique": Kind.UNIQUE,
        },
        parameters=Listed(rf"(?<!\[)\[(?P<list>\[\"\w[^\n]{{0,{LONGEST}}}\])\]", _rails_pairs),
    ),
    Dialect(
        "Ecto",
        ("Ecto.", "Exqlite.", "(Sqlite.DbConnection"),
        tuple(
            Said(
                kind,
                ("constraint error when",),
                _ECTO_FAILED.format(word),
                dict if word == "foreign_key" else _ecto_named,
            )
            for word, kind in _ECTO_KINDS.items()
        ),
        parameters=Listed(rf"(?<=[\d\"?);]) \[(?P<list>[^\n]{{0,{LONGEST}}})\]$", plain_list, beside=True),
    ),
    Dialect(
        "Prisma",
        ("PrismaClient", "prisma.", "Prisma"),
        (
            *(
                Said(kind, ("constraint",), said + _PRISMA_FIELDS, _prisma_fields)
                for kind, said in _PRISMA_MESSAGES.items()
            ),
            *(
                Said(kind, ("ConstraintViolation {",), _PRISMA_VIOLATION.format(word), _prisma_fields)
                for word, kind in _PRISMA_VIOLATIONS.items()
            ),
            Said(Kind.OWN_RULE, ("violate the required relation",), _PRISMA_REQUIRED, _both),
            Said(Kind.FOREIGN_KEY, ("violate the required relation",), _PRISMA_RELATION),
            Said(
                Kind.MISSING_COLUMN,
                ("does not exist in the current",),
                _PRISMA_NO_COLUMN,
                lambda groups: {"columns": (groups["subject"],)},
            ),
            Said(Kind.MISSING_TABLE, ("does not exist in the current",), _PRISMA_NO_TABLE, table_named),
        ),
        {"P2003": Kind.FOREIGN_KEY, "P2014": Kind.FOREIGN_KEY, "P2011": Kind.NOT_NULL, "P2002": Kind.UNIQUE},
        columns=_prisma_target,
        called=_prisma_call,
        model=_prisma_model,
    ),
    Dialect(
        "Sequelize",
        ("Sequelize", "sequelize"),
        codes={
            "SequelizeForeignKeyConstraintError": Kind.FOREIGN_KEY,
            "SequelizeUniqueConstraintError": Kind.UNIQUE,
        },
    ),
    Dialect("TypeORM", ("QueryFailedError", "typeorm")),
    Dialect(
        "Drizzle",
        ("DrizzleQueryError", "drizzle-orm"),
        parameters=Listed(rf"(?m)^params: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list),
    ),
    Dialect(
        "Dart",
        ("SqliteException(",),
        parameters=Listed(rf"(?m), parameters: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list),  # drift stands on it
    ),
    Dialect(
        "EF Core",
        ("Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "SQLite Error ", "The association between entit"),
        (
            Said(
                Kind.OWN_RULE,
                ("has been severed",),
                _EF_SEVERED,
                lambda groups: {"tables": (groups["_child"],)},
            ),
        ),
        parameters=Listed(rf"\[Parameters=\[(?P<list>@[^\n]{{0,{LONGEST}}})\], CommandType", _ef_named, before=True),
    ),
    Dialect(
        "Room",
        ("androidx.room", "Migration didn't properly handle", "Foreign key violation(s) detected in '"),
        (
            Said(Kind.FOREIGN_KEY, ("violation(s)",), _ROOM_VIOLATION),
            Said(Kind.MIGRATION, ("properly handle",), _ROOM_MIGRATION),
        ),
    ),
    Dialect("Android", ("android.database.sqlite", "(code 787")),
    Dialect(
        "Laravel",
        ("Illuminate\\", "(Connection: ", " (SQL: "),
        parameters=Listed(rf"\(Bindings: array ?\((?P<list>(?s:.{{0,{LONGEST}}}?))\)\s*\)", _laravel_array),
    ),
    Dialect("PHP", ("SQLSTATE[", "SQLite3::", "SQLite3Stmt::")),
    Dialect(
        "Hibernate",
        ("org.hibernate.", "Hibernate: "),
        parameters=Listed(
            r"(?P<list>(?:binding parameter [\[(]\d[^\n]{1,1000}(?:\n[^\n]{0,200}?(?=binding)|$|(?=\n))){1,50})",
            _hibernate_in_order,
        ),
    ),
    Dialect("JDBC", ("org.sqlite.",)),
    Dialect(
        "GORM",
        ("gorm.io", *_GORM_SAYS.values()),
        tuple(Said(kind, (said,), rf"\b{said}\b(?! \\?\")") for kind, said in _GORM_SAYS.items()),
    ),
    Dialect("sqlx", ("SqliteError {", "sqlx::")),
    Dialect("node", ("SqliteError", "SQLITE_CONSTRAINT: ", "ERR_SQLITE_ERROR")),
    Dialect("Python", ("sqlite3.",)),
)
