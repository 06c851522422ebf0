"""What a stranger's schema may make SQLite run: its own harmless functions and modules, and nothing else.

A schema calls functions in CHECKs, DEFAULTs, generated columns, indexes, triggers and views. `PRAGMA trusted_schema`
is too coarse a guard against that: with it off, SQLite 3.40 refuses its own JSON functions, and Django writes one into
every table with a JSONField. So the schema is trusted, and two things see to it that nothing dangerous runs:

* every function that is not known to be harmless is replaced by one that only fails. It has to be, since SQLite does
  not ask the authorizer for what it resolves when it reads the schema, which is all but triggers and views; and that a
  function is marked SQLITE_DIRECTONLY (``load_extension``, ``writefile``) does not keep SQLite 3.40 from running it in
  a CHECK: https://www.sqlite.org/c3ref/c_deterministic.html;
* an authorizer denies the rest: https://www.sqlite.org/c3ref/set_authorizer.html. It is asked when a statement is
  compiled, for what triggers, views and virtual tables have SQLite do as well.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import lru_cache

from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sqlite.deadline import Connection

INNOCUOUS = 0x200000
"""A flag of a function, as `PRAGMA function_list` gives it: SQLITE_INNOCUOUS."""

# https://www.sqlite.org/lang_corefunc.html
_CORE = """
abs changes char coalesce concat concat_ws format glob hex if ifnull iif instr last_insert_rowid length like likelihood
likely lower ltrim max min nullif octet_length printf quote random randomblob replace round rtrim sign soundex
sqlite_compileoption_get sqlite_compileoption_used sqlite_offset sqlite_source_id sqlite_version substr substring
subtype total_changes trim typeof unhex unicode unistr unistr_quote unlikely upper zeroblob
"""
_AGGREGATES_AND_WINDOWS = """
avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
"""
_DATES_AND_MATHEMATICS = """
current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch
acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
radians sin sinh sqrt tan tanh trunc
"""
_JSON = """
-> ->> json json_array json_array_insert json_array_length json_error_position json_extract json_group_array
json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_type
json_valid jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert
jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set
"""
# they work on a table of that kind, or on what is handed to them
_FULL_TEXT_AND_RTREE = """
bm25 fts5 fts5_get_locale fts5_insttoken fts5_locale fts5_source_id highlight match matchinfo offsets optimize snippet
rtreecheck rtreedepth rtreenode geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point geopoly_debug
geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within geopoly_xform
"""
OWN_FUNCTIONS = frozenset({"sqlfix_composed", "sqlfix_caseless"})
"""Those of `key_spelling`: pure, and they never fail, whatever they are given and whoever calls them."""
HARMLESS_FUNCTIONS = OWN_FUNCTIONS.union(
    " ".join((_CORE, _AGGREGATES_AND_WINDOWS, _DATES_AND_MATHEMATICS, _JSON, _FULL_TEXT_AND_RTREE)).split()
)
"""Functions that touch nothing but what they are given. Those that SQLite marks as innocuous are so too."""

RENAMING = frozenset(("sqlite_rename_table", "sqlite_rename_test", "sqlite_rename_quotefix"))
"""With these ALTER TABLE … RENAME rewrites texts of the schema. No other statement can call them."""

_MODULES = """
fts3 fts4 fts5 fts3tokenize fts4aux fts5vocab rtree rtree_i32 geopoly json_each json_tree jsonb_each jsonb_tree
dbstat sqlite_stmt bytecode tables_used completion generate_series
"""
HARMLESS_MODULES = frozenset(_MODULES.split())
"""SQLite's own modules that read and write nothing outside the database; and `pragma_x`, by what the PRAGMA is."""

_READ = """
application_id collation_list compile_options data_version database_list encoding foreign_key_check foreign_key_list
freelist_count function_list index_info index_list index_xinfo integrity_check module_list page_count page_size
pragma_list quick_check schema_version table_info table_list table_xinfo user_version
"""
# for one connection, or in a file of our own: as a table, pragma_x, they cannot be set
_SET = """
busy_timeout cache_size cell_size_check foreign_keys ignore_check_constraints journal_mode mmap_size synchronous threads
trusted_schema wal_checkpoint
"""
PRAGMAS = frozenset((_READ + _SET).split())
FOR_SCHEMAS = frozenset(("legacy_alter_table", "writable_schema"))
"""Those that only a change of the schema sets, in the block of `changing_schema`."""

_DENIED = frozenset(
    (
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_ANALYZE,
        sqlite3.SQLITE_CREATE_VTABLE,
        sqlite3.SQLITE_DROP_VTABLE,
    )
)
_WRITING = frozenset((sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE))
OK, DENY = sqlite3.SQLITE_OK, sqlite3.SQLITE_DENY

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def guard(connection: sqlite3.Connection) -> None:
    """Let a connection run what is harmless for the schema that it reads, and only that.

    Where a function that may do harm cannot be replaced, the schema is not trusted after all: then SQLite refuses some
    that are harmless, too.
    """
    harmless, refused, trusted = _judged(_functions(connection))
    for name, arguments in refused:
        connection.create_function(name, arguments, _refuse, deterministic=True)  # as an index needs it
    connection.execute(f"PRAGMA trusted_schema = {'ON' if trusted else 'OFF'}")
    if isinstance(connection, Connection):
        connection.harmless = harmless  # for `authorize`: what SQLite calls harmless does not change
    connection.set_authorizer(_authorizer(harmless, frozenset()))


def authorize(
    connection: sqlite3.Connection, tables: frozenset[str] = frozenset(), functions: frozenset[str] = frozenset()
) -> None:
    """Set the authorizer of a connection that is guarded.

    Args:
        tables: the names, in lower case, of virtual tables that are not to be used: see `strange_modules`.
        functions: the names, in lower case, of functions of our own that may be named as well.
    """
    connection.set_authorizer(_authorizer(_harmless(connection) | functions, tables))


def _harmless(connection: sqlite3.Connection) -> frozenset[str]:
    """The functions that a connection may call; where that is not known, it has no authorizer afterwards."""
    harmless = connection.harmless if isinstance(connection, Connection) else None
    if not harmless:
        connection.set_authorizer(None)
        harmless, _, _ = _judged(_functions(connection))
    return harmless


Function = tuple[str, int, str, str, int, int]
"""A row of `PRAGMA function_list`: name, whether it is built in, kind, encoding, number of arguments, flags."""


def _functions(connection: sqlite3.Connection) -> tuple[Function, ...]:
    """`PRAGMA function_list`: hundreds of rows, and the time to open a file is that of reading their text."""
    with all_text_as_str(connection):
        return tuple(connection.execute("PRAGMA function_list").fetchall())


@contextlib.contextmanager
def all_text_as_str(connection: sqlite3.Connection) -> Iterator[None]:
    """Have all text made a str in the block, without a call for each.

    Raises:
        sqlite3.OperationalError: where one is not UTF-8.
    """
    factory, connection.text_factory = connection.text_factory, str
    try:
        yield
    finally:
        connection.text_factory = factory


@lru_cache(maxsize=8)
def _judged(functions: tuple[Function, ...]) -> tuple[frozenset[str], tuple[tuple[str, int], ...], bool]:
    """What may be called of the functions of a connection, by name in lower case, and what has to be replaced.

    The same for all connections that have the same functions, and those are most.

    Returns:
        also whether all of the latter, by name and number of arguments, can be replaced.
    """
    innocuous = (name.lower() for name, _, _, _, _, flags in functions if flags & INNOCUOUS)
    harmful = [
        (name, encoding, arguments)
        for name, _, _, encoding, arguments, flags in functions
        if not flags & INNOCUOUS and name.lower() not in HARMLESS_FUNCTIONS
    ]
    return (
        HARMLESS_FUNCTIONS.union(innocuous),
        tuple((name, arguments) for name, _, arguments in harmful),
        all(encoding == "utf8" for _, encoding, _ in harmful),  # of others there may be one that SQLite prefers
    )


def _refuse(*arguments: object) -> None:
    """Stand in for a function that may do harm: SQLite makes an error of its own of this one."""
    raise PermissionError


def guard_tables(connection: sqlite3.Connection) -> None:
    """Keep off virtual tables whose module is not known to be harmless, and off modules that are tables themselves."""
    if tables := _strange_tables(connection):
        authorize(connection, tables)


@contextlib.contextmanager
def changing_schema(connection: sqlite3.Connection) -> Iterator[None]:
    """Allow a connection what a change of the schema needs beside: nothing of it can be had by a schema itself."""
    tables, harmless = _strange_tables(connection), _harmless(connection)
    connection.set_authorizer(_authorizer(harmless | RENAMING, tables, PRAGMAS | FOR_SCHEMAS))
    try:
        yield
    finally:
        connection.set_authorizer(_authorizer(harmless, tables))


def _strange_tables(connection: sqlite3.Connection) -> frozenset[str]:
    """The names of tables that are not to be used."""
    strange = strange_modules(connection)
    if not strange:
        return frozenset()
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    declared = {str(name).lower(): module_of(sql) if isinstance(sql, str) else "" for name, sql in rows}
    names = {name for name, module in declared.items() if module in strange}
    return frozenset(names | (strange - declared.keys()))


def strange_modules(connection: sqlite3.Connection) -> frozenset[str]:
    """The modules for virtual tables that this SQLite has, and of which nothing is known; most have none."""
    names = {str(row[0]).lower() for row in connection.execute("PRAGMA module_list")}
    return frozenset(name for name in names - HARMLESS_MODULES if not name.startswith("pragma_"))


def attaching(action: int, one: str | None, two: str | None, database: str | None, source: str | None) -> int:
    """The authorizer for the one statement that attaches or detaches a file of our own."""
    return OK if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else DENY


def _authorizer(functions: frozenset[str], tables: frozenset[str], pragmas: frozenset[str] = PRAGMAS) -> Authorizer:
    function, read, pragma = sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA
    query = sqlite3.SQLITE_SELECT

    def authorize(action: int, one: str | None, two: str | None, database: str | None, source: str | None) -> int:
        if action == read:  # first what is asked most, and that is thousands of times in a scan
            allowed = not tables or (one or "").lower() not in tables
        elif action == query:
            return OK
        elif action == function:
            allowed = two in functions or (two or "").lower() in functions
        elif action == pragma:
            allowed = (one or "").lower() in pragmas
        elif action in _WRITING:
            allowed = (one or "").lower() not in tables
        else:
            allowed = action not in _DENIED
        return OK if allowed else DENY

    return authorize
