"""What SQLite's errors about a file as a whole mean, and what can be done about them."""

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sqlfix.errors import Locked, Malformed, NotADatabase, Refused, SqlfixError
from sqlfix.model.values import NotUtf8
from sqlfix.sql.tokens import Token, known_tokens
from sqlfix.sqlite.deadline import stop_if_interrupted

RECOVER = "work on a copy; `sqlite3 {path} .recover` can save the rows that are left"


@contextlib.contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file as a whole into errors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(path, error) from error
    except UnicodeDecodeError as error:  # what SQLite said names something
        if error.object.startswith(b"malformed"):
            raise Malformed(
                f"{path} is malformed: its schema holds text that cannot be read", RECOVER.format(path=path)
            ) from error
        said = str(NotUtf8(bytes(error.object))).removeprefix("access to ").removesuffix(" is prohibited")
        raise Refused(
            f"a name in {path} is not UTF-8, so this cannot be done: {said}",
            "the sqlite3 shell can rename it: ALTER TABLE … RENAME, with the bytes as they are",
        ) from error


def explain(path: Path, error: sqlite3.Error) -> SqlfixError:
    """The SqlfixError for an error of SQLite that concerns the whole file."""
    stop_if_interrupted(error)
    if isinstance(error, UnreadableSchema):
        return SqlfixError(f"{path} {error.what}", error.hint)
    text, name = str(error), error_name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return Locked(
            f"{path} is locked: another program is using it",
            "close the application that uses it, or wait longer with --timeout SECONDS",
        )
    if name.startswith("SQLITE_NOTADB") or "not a database" in text:
        return NotADatabase(f"{path} is not an SQLite database (it may be encrypted, or damaged)")
    if name == "SQLITE_CORRUPT_INDEX":
        return Malformed(
            f"an index of {path} disagrees with its table; nothing was changed",
            f"an index can be rebuilt without loss: sqlite3 {path} REINDEX",
        )
    if name.startswith("SQLITE_CORRUPT") or text.endswith("disk image is malformed"):
        return Malformed(f"{path} is malformed: {text}", RECOVER.format(path=path))
    if name.startswith("SQLITE_FULL"):
        return SqlfixError(f"no room left on the disk while working on {path}", "free some space; nothing was changed")
    if name.startswith("SQLITE_IOERR"):
        return SqlfixError(f"the disk failed while working on {path}: {text}", "is it full? nothing was changed")
    if name.startswith("SQLITE_READONLY"):
        return SqlfixError(f"{path} cannot be written: {text}", "check the permissions of the file and its folder")
    if name.startswith("SQLITE_CANTOPEN"):
        return SqlfixError(f"{path} cannot be opened: {text}", "check the permissions of the file and its folder")
    return SqlfixError(f"SQLite cannot work with {path}: {in_words(error)}")


def error_name(error: sqlite3.Error) -> str:
    """SQLite's name of an error, such as ``SQLITE_BUSY``; empty for one that Python itself has raised."""
    return getattr(error, "sqlite_errorname", None) or ""


def is_of_whole_file(error: sqlite3.Error) -> bool:
    """True for an error that is no matter of the one table or check that met it first."""
    whole = ("SQLITE_BUSY", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOTADB")
    return error_name(error).startswith(whole)


def require_refusal(error: sqlite3.Error) -> None:
    """Raise an error that says nothing of the statement: Ctrl-C, or the disk. All others are a refusal."""
    stop_if_interrupted(error)
    if is_of_the_disk(error):
        raise error


def is_of_the_disk(error: sqlite3.Error) -> bool:
    """True for an error that says nothing of a table or a statement: a full or failing disk, a locked file."""
    name = error_name(error)
    return name.startswith(("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM"))


# -- what the SQLite at hand lacks, or does not run: said to be just that, and never to be damage -----------------
# A schema may need a collation, a function or a module that only its application brings; syntax or a function of a
# newer SQLite; or a function that is run for no schema. The versions are those of https://www.sqlite.org/changes.html.

NOT_THERE = {
    "table": "no such table: ",
    "column": "no such column: ",
    "index": "no such index: ",
    "trigger": "no such trigger: ",
    "view": "no such view: ",
}
"""What SQLite says of something in the schema that is not there, before its name."""
NO_COLUMN_NAMED = " has no column named "
"""The same of a column that an INSERT names, after ``table`` and the name of the table."""

# strings: they are compiled when SQLite has said something that has to be told by them
LACKING = r"no such (?:collation sequence|function|module|tokenizer)|unknown (?:function|tokenizer)"
_NAMED = r"(?:no such function: |unknown function: )([^()]+)(?:\(\))?$"
_REFUSED = r"(?:not authorized to use function: |unsafe use of )([^()]+)(?:\(\))?$"
_SCHEMA = r"(?s)malformed database schema \((?P<name>.*?)\)(?: - (?P<reason>.+))?$"
_DAMAGE = r"invalid rootpage|orphan index|.* already exists|there is already "
"""What SQLite says where the catalogue does not hold together, whatever the declarations say."""

REPLACED = "user-defined function raised exception"
"""What SQLite says where a function that `trust` has replaced is called; our other functions never fail."""
NEWER_FUNCTIONS = {
    "3.38": "-> ->> format unixepoch",
    "3.41": "unhex",
    "3.42": "json_error_position",
    "3.43": "octet_length timediff",
    "3.44": "concat concat_ws string_agg",
    "3.45": "jsonb jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch"
    " jsonb_remove jsonb_replace jsonb_set",
    "3.46": "json_pretty",
    "3.48": "if",
    "3.50": "unistr unistr_quote",
}
"""SQLite's own functions by the version that brought them, from the oldest on that this program runs with."""


class UnreadableSchema(sqlite3.DatabaseError):
    """SQLite cannot read a declaration; the file holds together.

    ``what`` is a sentence that begins after the name of the file, ``hint`` says what to do.
    """

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def is_lacking(error: sqlite3.Error) -> bool:
    """True where SQLite lacks a collation, a function or a module."""
    return re.match(LACKING, str(error)) is not None


def in_words(error: sqlite3.Error, version: str = sqlite3.sqlite_version) -> str:
    """SQLite's message, and where it lacks something or refuses to run it, whose that is."""
    text = str(error)
    if refused := re.match(_REFUSED, text):
        return f"the schema calls {refused[1]}(), which sqlfix never runs for a schema"
    if text == REPLACED:
        return "the schema calls a function that sqlfix never runs for a schema"
    if text == "no query solution":
        return "the index needed to read it uses a collation that belongs to the application"
    if not is_lacking(error):
        return text
    named = re.match(_NAMED, text)
    version_since = since(named[1]) if named else None
    if version_since and _parts(version_since) > _parts(version):
        return f"{text}; SQLite has it since version {version_since}, and this is SQLite {version}"
    return f"{text}; it belongs to the application"


def since(function: str) -> str | None:
    """The version of SQLite that brought a function; None for one that it always had, or has not."""
    return next((v for v, names in NEWER_FUNCTIONS.items() if function.lower() in names.split()), None)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def missing_collation(connection: sqlite3.Connection, wanted: Iterable[str]) -> sqlite3.OperationalError | None:
    """The error for the first collation that SQLite does not have, where it says no more than "no query solution"."""
    for name in dict.fromkeys(wanted):  # PRAGMA collation_list has those as well that a schema only names
        quoted = name.replace('"', '""')
        try:
            connection.execute(f"SELECT '' < '' COLLATE \"{quoted}\"").close()
        except sqlite3.OperationalError as error:
            return error
    return None


# -- a schema that cannot be read ---------------------------------------------------------------------------------


def unreadable_schema(connection: sqlite3.Connection, error: sqlite3.Error) -> UnreadableSchema | None:
    """What an error of reading the schema means, if it is no damage of the file; the connection is done with then."""
    found = re.match(_SCHEMA, str(error))
    if found is None or not found["reason"] or re.match(_DAMAGE, found["reason"]):
        return None
    name, reason, version = found["name"], found["reason"], sqlite3.sqlite_version
    if refused := re.match(_REFUSED, reason):
        what = f"cannot be used: the declaration of {name} calls {refused[1]}(), which sqlfix never runs for a schema"
        return UnreadableSchema(what, "the file is not damaged; drop that declaration where it can be used")
    newer = newer_syntax(_declaration(connection, name))
    if newer and _parts(newer[1]) > _parts(version):
        what = f"needs SQLite {newer[1]} or newer, and this is SQLite {version}: {name} is declared with {newer[0]}"
        return UnreadableSchema(what, "the file is not damaged; use a Python that is linked with a newer SQLite")
    what = f"cannot be used: SQLite {version} cannot read the declaration of {name}: {reason}"
    return UnreadableSchema(what, "it may have been written by hand, or for a newer SQLite")


def _declaration(connection: sqlite3.Connection, name: str) -> str:
    """A declaration, read from a catalogue that SQLite could not read."""
    try:
        connection.set_authorizer(None)
        connection.execute("PRAGMA writable_schema = ON")
        row = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    except sqlite3.Error:
        return ""
    return row[0] if row and isinstance(row[0], str) else ""


def newer_syntax(sql: str) -> tuple[str, str] | None:
    """The newest thing in a declaration that came with a version from 3.36 on, in words, and that version."""
    cut = known_tokens(sql)
    found = [one for at in range(len(cut)) if (one := _newer(cut, at))]
    return max(found, key=lambda one: _parts(one[1]), default=None)


def _newer(cut: Sequence[Token], at: int) -> tuple[str, str] | None:
    token, after = cut[at], [t.word for t in cut[at + 1 : at + 3]] + ["", ""]
    if token.text in ("->", "->>"):
        return f"the operator {token.text}", "3.38"
    if token.word in ("right", "full") and (after[0] == "join" or after[:2] == ["outer", "join"]):
        return f"{token.word.upper()} JOIN", "3.39"
    if token.word == "distinct" and after[0] == "from" and at and cut[at - 1].word in ("is", "not"):
        return "IS DISTINCT FROM", "3.39"
    if token.word == "strict" and at and cut[0].word == "create" and cut[at - 1].word in (")", ",", "rowid"):
        return "STRICT", "3.37"
    if re.fullmatch(r"[0-9][\w.]*_\w*", token.text, re.ASCII):
        return "an underscore in a number", "3.46"
    if token.word == "(" and at and cut[at - 1].name is not None:
        inside = _inside(cut, at)
        if cut[at - 1].word == "raise" and len(inside) > 3:
            return "an expression in RAISE", "3.47"
        before = inside[: inside.index("order")] if "order" in inside else ()
        window = cut[at - 1].word in ("as", "in", "over") or {"select", "partition", "values"} & set(before)
        if before and not window:
            return "ORDER BY among the arguments of a function", "3.44"
    return None


def _inside(cut: Sequence[Token], at: int) -> list[str]:
    """The words in the parentheses that open at a place, but for those in further ones."""
    depth, words = 0, []
    for token in cut[at:]:
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0:
            break
        if depth == 1:
            words.append(token.word)
    return words[1:]
