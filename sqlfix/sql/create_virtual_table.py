"""Reads a CREATE VIRTUAL TABLE statement: the module, what it is given, and which tables it makes to keep its content.

By its name alone a table cannot be told to be one of those, as PRAGMA table_list does: beside an index
`doc USING fts5(body, content='doc_content')` the table doc_content is an ordinary one.
"""

import re
from functools import lru_cache

from sqlfix.frozen import frozen
from sqlfix.model.values import folded
from sqlfix.sql.create_index import in_parentheses
from sqlfix.sql.tokens import DdlError, Token, known_tokens, unquoted
from sqlfix.text import words_of

FULL_TEXT = frozenset({"fts3", "fts4", "fts5"})
"""The modules of SQLite's own that keep a full-text index."""
SEARCH_MODULES = FULL_TEXT | {"rtree", "rtree_i32", "geopoly"}
"""The modules of SQLite's own that keep an index."""
WITHOUT_TABLES = words_of(
    "fts4aux fts3tokenize fts5vocab dbstat bytecode tables_used sqlite_stmt sqlite_dbpage sqlite_dbdata sqlite_dbptr"
    " json_each json_tree generate_series carray csv zipfile fsdir completion closure transitive_closure"
    " approximate_match fuzzer unionvtab swarmvtab statement virtualtext virtualshape virtualdbf virtualxl"
    " virtualspatialindex virtualelementary virtualknn virtualknn2 virtualnetwork virtualrouting virtualgeojson"
    " virtualbbox virtualgpkg virtualfdo virtualxpath"
)
"""Modules that make no tables: they read others, or keep nothing in the database."""
_NUMBER = r"[0-9]{2,}"
THEIR_TABLES = {
    "fts1": "content|term",
    "fts2": "content|segments|segdir",
    "spellfix1": "vocab",
    "vss0": "index|data",
    "vec0": f"chunks|rowids|info|auxiliary|vector_chunks{_NUMBER}|metadatachunks{_NUMBER}|metadatatext{_NUMBER}",
}
"""What extensions that are widely used call theirs, after the name of the virtual table and an underscore."""
_MADE_LATER = "(id INTEGER PRIMARY KEY, value BLOB)"
"""How FTS3 declares its table _stat, which it makes only when it is told to merge by itself."""
_GUESSED = (
    r"data|idx|index|content|docsize|config|segments|segdir|stat|node|rowid|rowids|parent|vocab|chunks|info|auxiliary|"
    r"storage|vector_chunks\d*|metadata\w*"
)
"""The same of a module that is not known here."""


@frozen
class VirtualText:
    """The module in lower case, and its arguments as the module gets them, each with its tokens."""

    module: str = ""
    arguments: tuple[tuple[str, tuple[Token, ...]], ...] = ()

    @property
    def options(self) -> dict[str, str]:
        """The options of a full-text index by their names; of anything else none."""
        return _fts5_options(self) if self.module == "fts5" else _fts4_options(self)


@lru_cache(maxsize=512)
def read_virtual(sql: str) -> VirtualText:
    """What one CREATE VIRTUAL TABLE statement says; a text that is none, or is damaged, names no module."""
    cut = known_tokens(sql)
    words = [token.word for token in cut]
    at = 3 + 3 * (words[3:6] == ["if", "not", "exists"])
    at += 3 if words[at + 1 : at + 2] == ["."] else 1  # the name
    if words[:3] != ["create", "virtual", "table"] or words[at : at + 1] != ["using"] or len(cut) < at + 2:
        return VirtualText()
    try:
        given, _ = in_parentheses(cut[at + 2 :]) if "(" in words[at + 2 :] else ([], 0)
    except DdlError:
        return VirtualText()
    arguments = tuple((sql[part[0].start : part[-1].end], tuple(part)) for part in given if part)
    return VirtualText(folded(cut[at + 1].name or ""), arguments)


def is_virtual(sql: str) -> bool:
    """True for a CREATE VIRTUAL TABLE statement."""
    return "virtual" in folded(sql) and [token.word for token in known_tokens(sql)[:2]] == ["create", "virtual"]


def module_of(sql: str) -> str:
    """The module's name in a CREATE VIRTUAL TABLE statement, in lower case; empty where it is none."""
    return read_virtual(sql).module


def is_known(sql: str) -> bool:
    """True if it is known which tables a virtual table makes."""
    module = module_of(sql)
    return module in SEARCH_MODULES or module in WITHOUT_TABLES or module in THEIR_TABLES


def keeps_rows(sql: str) -> bool:
    """True for a search index that has rows of its own: none that is of another table's text, or without content."""
    text = read_virtual(sql)
    return text.module in SEARCH_MODULES and "content" not in text.options


def makes(sql: str, suffix: str, declared: str) -> bool:
    """True if a virtual table keeps its content in a table that has its name, an underscore and this suffix.

    Of a module that is not known here, the suffixes in use elsewhere are taken for its own.

    Args:
        sql: the CREATE VIRTUAL TABLE statement.
        declared: the CREATE TABLE statement of the table that is asked about.
    """
    text = read_virtual(sql)
    if text.module in ("fts3", "fts4"):
        return suffix in _of_fts4(text) or (suffix == "stat" and declared.endswith(_MADE_LATER))
    if text.module == "fts5":
        return suffix in _of_fts5(text)
    if text.module in SEARCH_MODULES:
        return suffix in ("node", "rowid", "parent")
    known = THEIR_TABLES.get(text.module, _GUESSED)
    return text.module not in WITHOUT_TABLES and re.fullmatch(known, suffix) is not None


def _of_fts4(text: VirtualText) -> set[str]:
    """https://www.sqlite.org/fts3.html, sections 6 and 9; to FTS3 itself nothing but its tokenizer is an option."""
    if text.module == "fts3":
        return {"content", "segments", "segdir"}
    made = {"content", "segments", "segdir", "stat", "docsize"}
    options = text.options
    if "content" in options:
        made.remove("content")
    if "matchinfo" in options:
        made.remove("docsize")
    return made


def _fts4_options(text: VirtualText) -> dict[str, str]:
    """The options of an FTS4 table by their names in lower case; FTS3 has none.

    All that stands before the first equals sign is the name; the arguments for the tokenizer are left out.
    """
    found = {}
    for argument, _ in text.arguments if text.module == "fts4" else ():
        name, sign, value = argument.partition("=")
        if sign and not re.match(r"tokenize(?![\w])", argument, re.IGNORECASE | re.ASCII):
            found[folded(name)] = unquoted(value)
    return found


_FTS5_OPTIONS = (
    *("prefix", "tokenize", "content", "contentless_delete", "contentless_unindexed", "content_rowid", "columnsize"),
    *("detail", "tokendata", "locale", "insttoken"),
)


def _fts5_options(text: VirtualText) -> dict[str, str]:
    """The options of an FTS5 table, by their full names: FTS5 takes an abbreviation for the first that begins so."""
    found = {}
    for _, part in text.arguments:
        if len(part) > 1 and part[1].word == "=" and part[0].word:
            name = next((option for option in _FTS5_OPTIONS if option.startswith(part[0].word)), part[0].word)
            found[name] = unquoted("".join(token.text for token in part[2:]))
    return found


def _of_fts5(text: VirtualText) -> set[str]:
    """https://www.sqlite.org/fts5.html, sections 4.4 and 4.5."""
    options = text.options
    made = {"data", "idx", "config"}
    if options.get("columnsize") != "0":
        made.add("docsize")
    unindexed = any(len(part) > 1 and folded(part[1].name or "") == "unindexed" for _, part in text.arguments)
    kept = options.get("contentless_unindexed") == "1" and unindexed  # of an index without content, these columns alone
    if "content" not in options or (not options["content"] and kept):
        made.add("content")
    return made
