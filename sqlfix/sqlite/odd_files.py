"""What people take for an SQLite database and is none: the one table of such files, told by their first bytes.

Nothing is opened with SQLite here. To open a file is not always harmless: beside a database of 0 bytes SQLite deletes
the ``-wal`` and the ``-journal`` (https://www.sqlite.org/src/file/src/pager.c, pagerOpenWalIfPresent and
hasHotJournal), and these may hold all that is left.
"""

import contextlib
import re
import stat
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from sqlfix.errors import NotADatabase
from sqlfix.frozen import frozen
from sqlfix.text import typed_path, typed_words

HEADER = b"SQLite format 3\x00"
"""How each database begins: https://www.sqlite.org/fileformat2.html, section 1.3."""
HEAD = 4096
"""How many bytes of a file are looked at."""
MOST_NAMES = 1000
"""How many names of a folder are looked at for a database in it."""


@frozen
class Kind:
    """One kind of file: ``what`` it is, a ``hint`` in which ``{file}`` stands for its name as a shell takes it.

    ``begins`` are the bytes that one of its kind begins with, at ``offset``; ``test`` is asked where these do not tell.
    """

    what: str
    hint: str
    begins: tuple[bytes, ...] = ()
    offset: int = 0
    test: Callable[[bytes], bool] | None = None

    def fits(self, head: bytes) -> bool:
        """True for a file with these first bytes."""
        if self.test is not None:
            return self.test(head)
        return any(head.startswith(mark, self.offset) for mark in self.begins)


# -- text ---------------------------------------------------------------------------------------------------------

# as strings, since almost no file that is opened has to be told by them
_NOTHING_SAID = r"(?s)(?:\s+|--[^\n]*(?:\n|$)|/\*(?!M?!).*?\*/)*"
_STATEMENT = (
    r"(?i)(?:PRAGMA\s+\w|BEGIN\b|CREATE\s+(?:TEMP|TABLE|UNIQUE|INDEX|VIEW|TRIGGER|VIRTUAL)|INSERT\s+(?:INTO|OR)\b"
    r"|DROP\s+(?:TABLE|INDEX|VIEW|TRIGGER)\b|ALTER\s+TABLE\b|DELETE\s+FROM\b|UPDATE\s+\S+\s+SET\b|ANALYZE\b"
    r"|SAVEPOINT\b|REPLACE\s+INTO\b|\.(?:bail|mode|read|import|open)\b)"
)
_OF_MYSQL = r"(?i)-- (?:MySQL|MariaDB|phpMyAdmin)|/\*M?![\d\\]|ENGINE\s*=|LOCK TABLES `"
_OF_POSTGRES = r"(?m)-- PostgreSQL|^SET (?:statement_timeout|client_encoding)|pg_catalog|^COPY .* FROM stdin"


def _text(head: bytes) -> str | None:
    """The first bytes as text, in the encodings that shells and editors write; None if they are none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # PowerShell redirects in UTF-16
        return head[: len(head) & ~1].decode("utf-16", "replace")
    if not head or any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return head.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and error.start > len(head) - 4:  # the head ends within a character
                return head[: error.start].decode(encoding)
    return None


def _is_text(head: bytes) -> bool:
    text = _text(head)
    return text is not None and sum(character.isprintable() or character.isspace() for character in text) > (
        0.95 * len(text)
    )


def _is_sql(head: bytes) -> bool:
    text = _text(head) or ""
    said = re.match(_NOTHING_SAID, text)
    return re.match(_STATEMENT, text[said.end() :] if said else text) is not None


def _is_sql_in_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) and _is_sql(head)


def _matches(pattern: str) -> Callable[[bytes], bool]:
    return lambda head: re.search(pattern, _text(head) or "") is not None


def _is_csv(head: bytes) -> bool:
    """Lines with the same number of commas, semicolons or tabs in each."""
    lines = (_text(head) or "").splitlines()
    lines = [re.sub('"[^"]*"', "", line) for line in (lines[:-1] if len(head) == HEAD else lines) if line.strip()]
    counts = ({line.count(mark) for line in lines[:20]} for mark in ",;\t")
    return len(lines) > 1 and any(len(found) == 1 and found != {0} for found in counts)


# -- bytes --------------------------------------------------------------------------------------------------------


def _is_noise(head: bytes) -> bool:
    """True where all bytes are about as frequent, as in what is encrypted; a file of another kind is not so."""
    if len(head) < 1024:
        return False
    expected = len(head) / 256
    deviation = sum((head.count(bytes([byte])) - expected) ** 2 / expected for byte in range(256))
    return deviation < 400  # chi-square with 255 degrees of freedom: more once in a hundred million


UNPACK = "unpack it first: "
LOAD = "make a database from it: sqlite3 new.db < {file}, then: sqlfix scan new.db"

KINDS = (
    Kind("is an SQLite 2 database", "SQLite 3 cannot read it; sqlite 2 writes it as SQL: sqlite {file} .dump",
         (b"** This file contains an SQLite 2",)),
    Kind("is the -wal of a database, not the database",
         "name the database itself; SQLite reads its -wal too, if both are in one folder",
         (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")),
    Kind("is the rollback journal of a database, not the database",
         "name the database itself, and keep both: SQLite needs the journal to roll back an unfinished write",
         (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7",)),
    Kind("is the -shm of a database, which holds no rows", "name the database itself",
         (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18")),
    Kind("is packed (gzip)", UNPACK + "gunzip -c < {file} > new.db", (b"\x1f\x8b",)),
    Kind("is packed (zip)", UNPACK + "unzip {file}", (b"PK\x03\x04", b"PK\x05\x06")),
    Kind("is packed (xz)", UNPACK + "xz -dc < {file} > new.db", (b"\xfd7zXZ\x00",)),
    Kind("is packed (bzip2)", UNPACK + "bzip2 -dc < {file} > new.db", (b"BZh",)),
    Kind("is packed (zstd)", UNPACK + "zstd -dc < {file} > new.db", (b"\x28\xb5\x2f\xfd",)),
    Kind("is packed (lz4)", UNPACK + "lz4 -dc < {file} > new.db", (b"\x04\x22\x4d\x18",)),
    Kind("is packed (7z)", UNPACK + "7z x {file}", (b"7z\xbc\xaf\x27\x1c",)),
    Kind("is packed (rar)", UNPACK + "unrar x {file}", (b"Rar!\x1a\x07",)),
    Kind("is an archive (tar)", UNPACK + "tar -xf {file}", (b"ustar",), offset=257),
    Kind("is an Android backup", "it is packed: the database is inside", (b"ANDROID BACKUP\n",)),
    Kind("is a Git LFS pointer, not the file itself", "fetch the file: git lfs pull",
         (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")),
    Kind("is a git-annex pointer, not the file itself", "fetch the file: git annex get {file}",
         (b"/annex/objects/",)),
    Kind("is a Microsoft Access database", "sqlfix reads SQLite only",
         (b"Standard Jet DB", b"Standard ACE DB"), offset=4),
    Kind("is a PostgreSQL dump", "load it into PostgreSQL (pg_restore); sqlfix reads SQLite only", (b"PGDMP",)),
    Kind("is a DuckDB database", "sqlfix reads SQLite only", (b"DUCK",), offset=8),
    Kind("is a Realm database", "sqlfix reads SQLite only", (b"T-DB",), offset=16),
    Kind("is a Parquet file", "sqlfix reads SQLite only", (b"PAR1",)),
    Kind("is an old Office document", "sqlfix reads SQLite only", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    Kind("is a PDF document", "sqlfix reads SQLite only", (b"%PDF-",)),
    Kind("is encrypted (age)", "decrypt it first: age -d -i KEYFILE {file} > new.db", (b"age-encryption.org/",)),
    Kind("is encrypted (PGP)", "decrypt it first: gpg -d {file} > new.db",
         (b"-----BEGIN PGP MESSAGE", b"\x85\x01\x0c\x03", b"\x85\x02\x0c\x03", b"\x8c\x0d\x04")),
    Kind("is encrypted (OpenSSL)", "decrypt it first, with the openssl command that made it", (b"Salted__",)),
    Kind("is a web page, not an SQLite database", "the download got an error or a login page instead of the file",
         test=_matches(r"(?i)\A\s*<(?:!doctype html|html)\b")),
    Kind("is an XML file, not an SQLite database", "sqlfix reads SQLite only",
         test=lambda head: (_text(head) or "").lstrip().startswith("<?xml")),
    Kind("is a MySQL dump", "load it into MySQL; SQLite cannot read it unless somebody translates it",
         test=_matches(_OF_MYSQL)),
    Kind("is a PostgreSQL dump",
         "load it into PostgreSQL (psql); SQLite cannot read it unless somebody translates it",
         test=_matches(_OF_POSTGRES)),
    Kind("is an SQL script in UTF-16, not an SQLite database",
         "make a database from it: iconv -f UTF-16 -t UTF-8 {file} | sqlite3 new.db, then: sqlfix scan new.db",
         test=_is_sql_in_utf16),
    Kind("is an SQL script, not an SQLite database", LOAD, test=_is_sql),
    Kind("is a JSON file, not an SQLite database", "sqlfix reads SQLite only",
         test=_matches(r'\A\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:["{\[\d\]-]|$))')),
    Kind("is a text file, such as CSV, not an SQLite database",
         "make a database from it: sqlite3 new.db '.import --csv /dev/stdin NAME' < {file}, then: sqlfix scan new.db",
         test=_is_csv),
    Kind("is a text file, not an SQLite database", "is this the file that the application uses?", test=_is_text),
    Kind("begins with zeros instead of a database header",
         "a copy or a download of it did not finish: copy it again, or use a backup",
         test=lambda head: len(head) >= len(HEADER) and not any(head)),
    Kind("is not an SQLite database (it may be encrypted; or its first bytes were overwritten)",
         "if it is encrypted, decrypt it first, with the program that made it",
         test=lambda head: head[21:24] == b"\x40\x20\x20"),  # of every database: some ways to encrypt leave them
    Kind("is not an SQLite database (it may be encrypted: its bytes look random)",
         "if it is encrypted (by SQLCipher, for example), decrypt it first, with the program that made it",
         test=_is_noise),
)  # fmt: skip
"""Files by their first bytes: the first that fits is it. A mark of its own comes before what is only likely."""
UNKNOWN = Kind(
    "is not an SQLite database (it may be encrypted, or another kind of file)",
    "is this the file that the application uses? If it is encrypted, decrypt it first",
)


def odd_file(path: Path, head: bytes) -> NotADatabase | None:
    """What a file is if it is no database that can be opened; None if it begins as one does.

    Args:
        head: its first bytes, up to HEAD of them.
    """
    if not head:
        return _empty(path)
    if head.startswith(HEADER):
        return None
    kind = _kind(head)
    return NotADatabase(f"{path} {kind.what}", kind.hint.replace("{file}", _typed(path)))


def _kind(head: bytes) -> Kind:
    return next((kind for kind in KINDS if kind.fits(head)), UNKNOWN)


def _empty(path: Path) -> NotADatabase:
    """A file of 0 bytes: a side file of another, one that lost its content, or none that ever had any."""
    for suffix in ("-wal", "-journal", "-shm"):
        main = path.with_name(path.name.removesuffix(suffix))
        if main != path and _size(main) is not None:
            return NotADatabase(f"{path} is the {suffix} of {main}, and it is empty", "name the database itself")
    for suffix in ("-wal", "-journal"):
        side = path.with_name(path.name + suffix)
        if size := _size(side):
            return NotADatabase(
                f"{path} is empty, but there is {side} of {size:,} bytes beside it: the rows may be in there",
                f"copy both before you open it with anything: SQLite deletes that {suffix} as soon as it opens"
                " an empty database; was the file itself copied in full?",
            )
    return NotADatabase(f"{path} is empty: there is no database in it", "is this the file that the application uses?")


def cut_short(path: Path, head: bytes, size: int) -> NotADatabase | None:
    """What is to be said of a database that SQLite calls malformed, if it is shorter than its header says.

    The header knows the number of pages if the two counters at its bytes 24 and 92 agree. What stands in a ``-wal``
    counts as well, and with a journal beside it the file is still to become what it was.
    """
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    whole = page * int.from_bytes(head[28:32], "big")
    sides = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    if len(head) < 100 or head[24:28] != head[92:96] or size >= whole or any(_size(side) for side in sides):
        return None
    return NotADatabase(
        f"{path} is cut short, and so malformed: it has {size:,} bytes, but its header says {whole:,}",
        "a copy or a download of it did not finish: copy it again, or use a backup;"
        f" `sqlite3 {_typed(path)} .recover` can save the rows that are left",
    )


def folder_hint(path: Path) -> str | None:
    """The database in a folder that was named instead of it, if there is just one."""
    try:
        found = [entry for entry in islice(path.iterdir(), MOST_NAMES) if is_sqlite_file(entry)]
    except OSError:
        return None
    if not found:
        return None
    names = ", ".join(_typed(entry) for entry in sorted(found)[:3])
    return f"there is {names} in it" if len(found) == 1 else f"name one file in it: {names}{', …' * (len(found) > 3)}"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _typed(path: Path) -> str:
    return typed_words([typed_path(path)])


def _head(path: Path, most: int) -> bytes:
    """So many first bytes of a regular file; none of anything else, or where they cannot be read."""
    with contextlib.suppress(OSError):
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return file.read(most)
    return b""


def is_sqlite_file(path: Path) -> bool:
    """True for a regular file that begins as an SQLite database does."""
    return _head(path, len(HEADER)) == HEADER


def is_sql_script(path: Path) -> bool:
    """True for a file of SQL statements for SQLite, such as a dump."""
    return _kind(_head(path, HEAD)).test in (_is_sql, _is_sql_in_utf16)


def require_database(path: Path) -> NotADatabase | None:
    """Raise NotADatabase, in words a person can act on, unless the file can be an SQLite database.

    Returns:
        What is to be said of it should SQLite find that it is malformed: that it is cut short; None if it is not.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise NotADatabase(f"{path} is a directory, not a database file", folder_hint(path))
        if not stat.S_ISREG(status.st_mode):
            raise NotADatabase(f"{path} is not a regular file")
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise NotADatabase(f"{path} does not exist", "check the path; sqlfix never creates a database") from None
    except PermissionError:
        raise NotADatabase(f"no permission to read {path}") from None
    except OSError as error:
        raise NotADatabase(f"cannot read {path}: {error.strerror or error}") from None
    if odd := odd_file(path, head):
        raise odd
    page = int.from_bytes(head[16:18], "big")
    if status.st_size < 512 or (page and status.st_size < (65536 if page == 1 else page)):
        raise NotADatabase(f"{path} is cut short: it ends before its first page does", "restore it from a backup")
    return cut_short(path, head, status.st_size)


# -- the copies that lie beside a database, by their names --------------------------------------------------------

MOST_COPIES = 5
ENDINGS = r"(?i)\.backup[^/]*|\.bak[^/]*|~|\.old|\.\d{1,3}|\.orig|\.sqlfix-\d{8}T\d{6}Z(-\d+)?\.sqlite3"
"""What follows the name of a database, with or without its extension, in that of a copy."""
UNFINISHED = ".partial"
"""The end of the name of a file that is still being made, or that was never finished."""


def copies_beside(database: Path) -> tuple[Path, ...]:
    """The files beside a database that are named as its copies are, and are databases: a few, the newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in islice(database.parent.iterdir(), MOST_NAMES):
            for name in (database.name, database.stem):
                called_so = path.name.startswith(name) and re.fullmatch(ENDINGS, path.name[len(name) :])
                if called_so and path.suffix != UNFINISHED and is_sqlite_file(path):
                    found.append((path.stat().st_mtime, path))
                    break
    return tuple(path for _, path in sorted(found, reverse=True) if path != database)[:MOST_COPIES]
