"""Keys that are nearly the same: each way to spell one otherwise, and that no repair touches a row for its spelling."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ENCODABLE
from support import build, run_script, sqlfix, together

from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import NotUtf8, decode
from sqlfix.scan import near_parents
from sqlfix.scan.key_forms import FORMS, near, other_form
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import look_at
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql import key_spelling
from sqlfix.sql.key_spelling import SPELLINGS, Spelling, can_be_read_otherwise, spelled, spelled_otherwise
from sqlfix.sql.literals import literal
from sqlfix.sqlite.snapshot import ReaderPool
from tests.laws.test_properties import SLOW, folder

GUID = uuid.UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")
NUMBERS_GUID = uuid.UUID("00112233-4455-6677-8899-001122334455")

SAME = {
    "white-space": [
        ("ann", " ann"), ("ann", "\tann\r\n"), ("ann", "ann\u00a0"), ("ann", "\ufeffann"), ("ann", "ann\u200b"),
        ("ann", "\u2060ann\u3000"), ("ann", b"ann"), (12, "12"), (12, "\u00a012"), (12, b"12"), (12, 12.0),
        ("12", 12.0), ("2.5", 2.5), ("", "\u200b"), ("", b""), (-5, "-5"), (2**63 - 1, str(2**63 - 1)),
        (GUID.hex, GUID.bytes), (str(GUID), str(GUID).encode()), ("Zoe\u0308 ", b"Zoe\xcc\x88"),
    ],
    "trailing-nul": [
        ("ann", "ann\x00"), ("ann", "ann\x00\x00"), ("ann", b"ann\x00"), ("ann", "ann \x00"), ("ann", "ann\x00\u00a0 "),
        (12, "12\x00"), ("", "\x00"), (120, b"120\x00"),
    ],
    "quotes": [
        ("ann", '"ann"'), ("ann", "'ann'"), ("ann", "`ann`"), ("ann", ' " ann"'), (12, '"12"'), ("", "''"),
        ("o'neil", "'o'neil'"), ("ann", "'ann'\x00"),
        ("ann", '""ann""'), ("ann", " \"'ann' \""),
    ],
    "inner-space": [
        ("a b", "a\tb"), ("a b", "a\nb"), ("a  b", "a\r\nb"), ("a b", '"a\fb"'), ("a\x0bb", "a\x1cb"),
        ("a\x1fb", "a b"), ("0 0", b"0\r0"), ("a\tb", "\ta\nb\n\x00"),
    ],
    "composition": [
        ("Zo\u00eb", "Zoe\u0308"), ("\u212b", "\u00c5"), ("\uac00", "\u1100\u1161"), ("a b", "a\u00a0b"),
        ("an\u200bn", "ann"), ('"Zo\u00eb"', "Zoe\u0308"),
    ],
    "case": [("ann", "ANN"), ("Ann", ' "aNN"'), (GUID.hex, GUID.hex.upper()), ("\u00e4NN", "\u00e4nn")],
    "case-beyond-ascii": [
        ("\u00c4rger", "\u00e4rger"), ("stra\u00dfe", "STRASSE"), ("\u0391\u03a3", "\u03b1\u03c2"),
        ("Zo\u00eb", "ZOE\u0308"), ("\u017f", "s"), ("\u0416", "\u0436"),
    ],
    "guid": [
        (str(GUID), GUID.hex), (str(GUID), f"{{{GUID}}}".upper()), (str(GUID), f"({GUID})"), (GUID.urn, GUID.hex),
        (GUID.urn.upper(), str(GUID)), (str(GUID), GUID.bytes), (str(GUID), f"0x{GUID.hex.upper()}"),
        (str(NUMBERS_GUID), NUMBERS_GUID.bytes), (f'"{{{GUID}}}"', f" {GUID}\u00a0"),
        (str(uuid.UUID(int=0)), uuid.UUID(int=0).bytes), (str(uuid.UUID(bytes=b"2" * 16)), b"2" * 16),
    ],
    "guid-byte-order": [
        (str(GUID), GUID.bytes_le), (GUID.hex.upper(), GUID.bytes_le), (GUID.bytes, GUID.bytes_le),
        (str(GUID), str(uuid.UUID(bytes=GUID.bytes_le))), (f"{{{GUID}}}", GUID.bytes_le),
    ],
    "leading-zeros": [
        (5, "+5"), (5, "05"), (0, "00"), (0, "-0"), (-5, "-05"), ("07", 7), (100, '"+0100"'), (12, b"012"), (5.0, "+5"),
        ("+5.0", "5.0"),
    ],
    "decimal-point": [
        (5, "5.0"), ("5", "0005.000"), ("5", "5."), (0, ".0"), (0, "-0.0"), (-5, "-5.0"), ("100", "100.0"), ("-.0", 0),
    ],
    "exponent": [
        (10**15, "1.0e+15"), (-(10**15), "-1.0E+15"), (1234567890123400, "1.2345678901234e+15"), (10**18, "1.0e+18"),
        (1e15, '"1.0e+15"'), ("+1.0e+15", "1000000000000000.0"),
    ],
}  # fmt: skip
OTHER = [
    ("a b", "a  b"), ("a b", "a\x01b"), ("a b", "a\x7fb"), ("ab", "a\nb"),
    ("ann", "anna"), ("ann", "a nn"), ("ann", "ann\x00x"), (5, "5.5"), (5, "50"), ("1.10", "1.1"), ("0.50", "0.5"),
    (5, "-5"), (5, "+-5"), (5, "5-"), (5, "5..0"), (12, 12.5), ("2.0.0", 2), ("a.0", "a"), ("1e2", 100), ("0x5", 5),
    ("1.0e+1+5", 10**15), ("--1.0e+15", 10**15), ("1.5e+0", 1.5), ("1.0e+15e", 10**15), ("1.0e+19", 2**63 - 1),
    (GUID.hex, GUID.hex[:-1]), (GUID.hex, GUID.hex[:-1] + "g"), (str(GUID), str(GUID)[::-1]), ("''", "'"), ("", 0),
    (uuid.UUID(int=1).bytes, 1), (uuid.UUID(int=1).hex, "1"), ("\u00e4rger", "arger"), (b"\xff", "\u00ff"),
    ("'ann\"", "ann"), ("-", "+"), (".", 0), (1e300, 1e301), (2**63 - 1, float(2**63)),
]  # fmt: skip


@contextlib.contextmanager
def asking(encoding: str = "UTF-8") -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = decode
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        key_spelling.register(connection)
        yield connection


def form_of(connection: sqlite3.Connection, value: Any, last: Spelling = SPELLINGS[-1], ours: bool = True) -> Any:
    return forms_of(connection, [value], last, ours)[0]


def forms_of(connection: sqlite3.Connection, values: Sequence[Any], last: Spelling, ours: bool = True) -> list[Any]:
    """The forms of many, of which the statement is compiled once: that takes longer than to run it."""
    listed = ", ".join(f"({literal(value)})" for value in values)
    query = f"SELECT {spelled('c.column1', last, ours)} FROM (VALUES {listed}) AS c"
    return [form for (form,) in connection.execute(query)]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("name", SAME)
def test_the_first_that_takes_the_difference_away(name: str, encoding: str) -> None:
    pairs = [
        (one, other)
        for one, other in SAME[name]
        # the bytes of a text are in the encoding of the file
        if encoding == "UTF-8"
        or bytes not in (type(one), type(other))
        or len(bytes(one if type(one) is bytes else other)) == 16
    ]
    with asking(encoding) as connection:
        forms = {s.name: forms_of(connection, [key for pair in pairs for key in pair], s) for s in SPELLINGS}
    for place, pair in enumerate(pairs):
        same = [forms[s.name][2 * place] == forms[s.name][2 * place + 1] for s in SPELLINGS]
        first = next((s.name for s, alike in zip(SPELLINGS, same, strict=True) if alike), None)
        assert first == name, pair
        assert same == sorted(same), "cumulative"


@together
@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_another_key(one: Any, other: Any) -> None:
    with asking() as connection:
        assert form_of(connection, one) != form_of(connection, other)


def test_every_way_has_a_test_and_stands_in_the_docs() -> None:
    assert list(SAME) == [each.name for each in SPELLINGS]
    text = " ".join((Path(__file__).parents[2] / "docs" / "scan.md").read_text(encoding="utf-8").split())
    for each in SPELLINGS:
        assert f"| `{each.name}` | {each.says} |" in text


ANY = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=40),
    st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=40),
    st.text("0123456789abcdefABCDEF-{}()+. \"'`x\x00", max_size=50),
    st.text("0aA-.+\t\n\x0b\f\r\x1c\x1d\x1e\x1f\x01\x7f \x00", max_size=8),
    st.sampled_from([value for pairs in (*SAME.values(), OTHER) for pair in pairs for value in pair]),
)


@SLOW
@given(value=ANY)
def test_the_form_of_a_form_is_itself_and_a_script_agrees_on_ascii(value: Any) -> None:
    with asking() as connection:
        form = form_of(connection, value)
        assert isinstance(form, str | NotUtf8)
        if isinstance(value, str) and value.isascii():
            assert form_of(connection, value, ours=False) == form
            assert form_of(connection, value.encode()) == form or len(value) == 16


def test_a_script_agrees_on_each_character_of_ascii_wherever_it_stands() -> None:
    values = [
        value
        for number in range(128)
        for value in (chr(number), f"{chr(number)}a", f"a{chr(number)}", f"0{chr(number)}0", f"a{chr(number)}b")
    ]
    with asking() as connection:
        for each in SPELLINGS:
            ours, theirs = (forms_of(connection, values, each, ours) for ours in (True, False))
            assert len(ours) == len(values)
            differ = [value for value, one, other in zip(values, ours, theirs, strict=True) if one != other]
            assert differ == [], each.name


@SLOW
@given(
    raw=st.one_of(st.none(), st.just(7), st.text(ENCODABLE), st.binary()),
    letter=st.sampled_from([b"a", b"a\0", b"\0a", b"x", 1, None]),
)
def test_our_functions_never_fail(raw: Any, letter: Any) -> None:
    with asking() as connection:
        for name in ("sqlfix_composed", "sqlfix_caseless"):
            kind = connection.execute(f"SELECT typeof({name}(?, ?))", (raw, letter)).fetchone()[0]
            assert kind in ("text", "null")
        assert key_spelling._composed(b"e" + "\u0308\u0323".encode() * 100_000, b"a") is None


@SLOW
@given(child=ANY, parent=ANY)
def test_a_parent_looked_up_by_its_index_is_one_that_reading_all_finds(child: Any, parent: Any) -> None:
    fk = ForeignKey("c", ("x",), "p", ("x",), "NO ACTION", "NO ACTION")
    with asking() as connection:
        connection.executescript("CREATE TABLE p (x UNIQUE); CREATE TABLE c (x)")
        connection.execute(f"INSERT INTO p VALUES ({literal(parent)})")
        for each in (child, parent.swapcase() if isinstance(parent, str) else parent):
            connection.execute(f"INSERT INTO c VALUES ({literal(each)})")
        connection.execute("DELETE FROM c WHERE x = (SELECT x FROM p)")
        (theirs,) = connection.execute(f"SELECT {spelled('p.x')} FROM p").fetchone()
        other = f"{can_be_read_otherwise(['c.x'])} AND {spelled_otherwise(['c.x'])[0]} = {literal(theirs)}"
        slow = f"{spelled('c.x')} = {literal(theirs)} OR {other}"
        for form in FORMS:
            if connection.execute(f"SELECT {form.holds('p.x')} FROM p").fetchone()[0]:
                for row in connection.execute(f"SELECT x, {slow}, {near(fk, (form,))} FROM c"):
                    assert row[1] == row[2], row


GUID = "00112233-4455-6677-8899-aabbccddeeff"
OF_ALL_KINDS: list[object] = [
    *(GUID, GUID.replace("-", ""), GUID.upper(), GUID.replace("-", "").upper(), f"{{{GUID}}}", f"urn:uuid:{GUID}"),
    *("33221100-5544-7766-8899-aabbccddeeff", "33221100554477668899AABBCCDDEEFF", bytes.fromhex(GUID.replace("-", ""))),
    *(
        "0011-2233-445566778899aabb-ccddeeff",
        "-" * 4 + "0" * 32,
        "1" * 32,
        "0" * 32,
        f"{GUID[:35]}g",
        "1" * 31,
        "1" * 33,
    ),
    *("\ufb00" * 16, "0123456789abcdef", b"0123456789abcdef", "01234567", b"01234567", "name1", "Name1", "x" * 32),
    *("01234567".encode("utf-16-le").hex(), b"0123456789abcdef".hex(), b"0123456789abcdef".hex().upper()),
    *("0x" + "1" * 30, "1", "01", 1, 1.0, 10**18, "1e18", "1.0e+18", "", "\x00", GUID + "\x00", f" {GUID}", b""),
]


@together
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_what_is_never_a_key_of_a_form_is_none_by_any_reading(encoding: str) -> None:
    fk = ForeignKey("c", ("x",), "p", ("x",), "NO ACTION", "NO ACTION")
    sure = 0
    with asking() as connection:
        connection.executescript(f"PRAGMA encoding = '{encoding}'; CREATE TABLE p (x UNIQUE); CREATE TABLE c (x)")
        for parent in OF_ALL_KINDS:
            connection.execute("DELETE FROM p")
            connection.execute("DELETE FROM c")
            connection.execute(f"INSERT INTO p VALUES ({literal(parent)})")  # type: ignore[arg-type]
            connection.execute(
                f"INSERT INTO c SELECT column1 FROM (VALUES {', '.join(f'({literal(v)})' for v in OF_ALL_KINDS)})"  # type: ignore[arg-type]
                " WHERE column1 <> (SELECT x FROM p)"
            )
            (theirs,) = connection.execute(f"SELECT {spelled('p.x')} FROM p").fetchone()
            other = f"{can_be_read_otherwise(['c.x'])} AND {spelled_otherwise(['c.x'])[0]} = {literal(theirs)}"
            slow = f"({spelled('c.x')} = {literal(theirs)} OR {other})"
            for form in FORMS:
                if connection.execute(f"SELECT {form.holds('p.x')} FROM p").fetchone()[0]:
                    assert form.never is not None
                    query = f"SELECT x, {slow}, {near(fk, (form,))}, {form.never('c.x')} FROM c"
                    rows = connection.execute(query).fetchall()
                    assert [row for row in rows if row[1] != row[2] or (row[1] and row[3])] == []
                    sure += sum(row[3] for row in rows)
    assert sure > 100


# -- no row is touched for its spelling ---------------------------------------------------------------------------

RESPELLED: dict[str, Callable[[str], Any]] = {
    "space": lambda k: f" {k}",
    "no-break space": lambda k: f"{k}\u00a0",
    "byte order mark": lambda k: f"\ufeff{k}",
    "zero width": lambda k: f"{k}\u200b",
    "nul": lambda k: f"{k}\x00",
    "double quotes": lambda k: f'"{k}"',
    "single quotes": lambda k: f"'{k}'",
    "upper": str.upper,
    "title": str.title,
    "decomposed": lambda k: unicodedata.normalize("NFD", k),
    "composed": lambda k: unicodedata.normalize("NFC", k),
    "bytes": lambda k: k.encode(),
}
OF_GUIDS: dict[str, Callable[[uuid.UUID], Any]] = {
    "text": str,
    "digits": lambda g: g.hex,
    "braces": lambda g: f"{{{g}}}",
    "urn": lambda g: g.urn,
    "bytes": lambda g: g.bytes,
    "bytes of .NET": lambda g: g.bytes_le,
    "text of the other order": lambda g: str(uuid.UUID(bytes=g.bytes_le)),
}
OF_NUMBERS: dict[str, Callable[[int], Any]] = {
    "number": lambda n: n,
    "digits": str,
    "real": float,
    "point": lambda n: f"{n}.0",
    "plus": lambda n: f"+{n}",
    "zeros": lambda n: f"000{n}",
}


@st.composite
def spellings(draw: st.DrawFn) -> tuple[Any, Any]:
    """A key, and another way to write it."""
    kind = draw(st.sampled_from(["word", "guid", "number"]))
    if kind == "word":
        word = draw(st.text("abcxyzABC\u00e4\u00d6\u00df\u0416\u00e9", min_size=1, max_size=8)) + "k"
        parent, child = word, word
    elif kind == "guid":
        guid = uuid.UUID(int=draw(st.integers(2**100, 2**128 - 1)))
        parent, child = (OF_GUIDS[draw(st.sampled_from(list(OF_GUIDS)))](guid) for _ in range(2))
    else:
        # such as a TEXT column can hold: of a REAL it keeps 15 digits
        number = draw(st.integers(1, 10**6)) * 10 ** draw(st.integers(0, 12))
        parent, child = (OF_NUMBERS[draw(st.sampled_from(list(OF_NUMBERS)))](number) for _ in range(2))
    for name in draw(st.lists(st.sampled_from(list(RESPELLED)), max_size=3)):
        if isinstance(child, str) and not child.endswith("\0"):
            child = RESPELLED[name](child)
    return parent, child


def holds(path: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@settings(SLOW, max_examples=settings().max_examples // 3)
@given(
    pairs=st.lists(spellings(), min_size=1, max_size=4),
    null=st.sampled_from(["", "NOT NULL"]),
    types=st.tuples(*[st.sampled_from(["", "TEXT", "BLOB"])] * 2),
    decoys=st.booleans(),
    script=st.booleans(),
)
def test_no_row_is_deleted_or_emptied_for_its_spelling(
    pairs: list[tuple[Any, Any]], null: str, types: tuple[str, str], decoys: bool, script: bool
) -> None:
    parents = [parent for parent, _ in pairs]
    if decoys:  # a second parent that is spelled otherwise
        parents += [f"{parent} " if isinstance(parent, str) else parent for parent in parents]
    with folder() as place:
        path = build(
            place / "x.db",
            f"CREATE TABLE p (k {types[0]} PRIMARY KEY);"
            f"CREATE TABLE c (id INTEGER PRIMARY KEY, k {types[1]} {null} REFERENCES p);"
            + "".join(f"INSERT OR IGNORE INTO p VALUES ({literal(parent)});" for parent in parents)
            + "".join(f"INSERT INTO c (k) VALUES ({literal(child)});" for _, child in pairs)
            + "INSERT INTO p VALUES ('sound'); INSERT INTO c VALUES (100, 'sound');"
            "INSERT INTO c VALUES (200, 'lost-1'), (201, x'ff01'), (202, 987654321987654321), (203, 'l\u00f6st-2')",
        )
        before = holds(path, "SELECT id, typeof(k), hex(k) FROM c WHERE id <= 100")
        if script:
            run_script(path, sqlfix("export-sql", path).out)
        else:
            assert sqlfix("repair", path, "--yes", "--no-backup").code in (0, 1)
        after = holds(path, "SELECT id, typeof(k), hex(k) FROM c WHERE id <= 100")
        assert [row[0] for row in after] == [row[0] for row in before]
        lost = holds(path, "SELECT id FROM c WHERE id <= 100 AND NOT EXISTS (SELECT 1 FROM p WHERE p.k = +c.k)")
        assert {(row[0],) for row in set(after) - set(before)}.isdisjoint(lost), "it is changed only to be relinked"
        if not decoys and not any(types):
            assert lost == []
        assert holds(path, "SELECT k FROM c WHERE id >= 200") == ([] if null else [(None,)] * 4)
        said = sqlfix("export-sql", path).out
        assert said.count("There is nothing to do") + said.count("Nothing is done") == 1


BEYOND_ASCII = """
    PRAGMA encoding = 'ENCODING';
    CREATE TABLE p (k TEXT PRIMARY KEY); INSERT INTO p VALUES ('Ärger'), ('Éclair'), ('plain');
    CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT NOT NULL REFERENCES p);
    INSERT INTO c VALUES (1, 'äRGER'), (2, 'éclair'), (3, 'lost'), (4, 'plain'), (5, 'Plain'), (6, 'löst');
"""


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_a_script_carries_the_keys_that_sql_alone_cannot_tell(tmp_path: Path, encoding: str) -> None:
    path = build(tmp_path / "x.db", BEYOND_ASCII.replace("ENCODING", encoding))
    script = sqlfix("export-sql", path).out
    (delete,) = [line for line in script.splitlines() if line.startswith("DELETE")]
    assert all(f"'{key}'" in delete for key in ("äRGER", "éclair", "Ärger", "Éclair"))
    assert "'Plain'" not in delete, "this one SQL can tell"
    assert "sqlfix_c" not in delete, "no function of our own"
    shutil.copyfile(path, tmp_path / "y.db")
    subprocess.run(["sqlite3", "-bail", tmp_path / "y.db"], input=script.encode(), check=True)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 0
    for each in (path, tmp_path / "y.db"):
        assert holds(each, "SELECT id, k FROM c") == [(1, "Ärger"), (2, "Éclair"), (4, "plain"), (5, "plain")]


def test_where_they_are_too_many_nothing_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_parents, "MOST_CARRIED", 1)
    monkeypatch.setattr(near_parents, "MOST_PAIRS", 1)
    path = build(tmp_path / "x.db", BEYOND_ASCII.replace("ENCODING", "UTF-8"))
    ran = sqlfix("repair", path, "--yes", "--no-backup")
    assert ran.code == 1
    assert "SQL alone cannot tell" in " ".join(ran.out.split())
    assert len(holds(path, "SELECT id FROM c")) == 6
    assert sqlfix("repair", path, "--yes", "--no-backup", "--set", "c.k=delete").code == 0
    assert holds(path, "SELECT id FROM c") == [(4,)]


def test_a_placeholder_is_none_where_a_parent_has_that_value_however_spelled(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (k PRIMARY KEY); INSERT INTO p VALUES ('0 '), (' none'), ('x');
        CREATE TABLE c (id INTEGER PRIMARY KEY, k REFERENCES p);
        INSERT INTO c VALUES (1, 0), (2, '+0'), (3, 'NONE'), (4, 'NULL'), (5, -1), (6, 'x'), (7, char(65279));
        CREATE TABLE q (a, b, PRIMARY KEY (a, b)); INSERT INTO q VALUES (1, '0'), (1, 5);
        CREATE TABLE d (id INTEGER PRIMARY KEY, a, b, FOREIGN KEY (a, b) REFERENCES q);
        INSERT INTO d VALUES (1, 2, 0), (2, 2, -1), (3, 1, 5);
        """,
    )
    report = sqlfix("scan", path, "--format", "json").json
    found = {(f["check"], f["table"]): (f["count"], f["facts"]) for f in report["findings"]}
    assert found["placeholder-values", "c"][0] == 3, "NULL, -1, and a byte order mark alone"
    assert found["orphan-rows", "c"] == (3, {"spelling_matches": 3, "spelling_matches_several": 0, "suspicion": None})
    assert found["placeholder-values", "d"][0] == 1, "-1; a part that is 0 in sound rows as well is an ordinary value"
    assert found["orphan-rows", "d"][0] == 1


# -- what it costs ------------------------------------------------------------------------------------------------


def steps(sql: str) -> int:
    """How many steps SQLite takes to measure the one relationship of a database."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as connection:
        connection.executescript(sql)
        key_spelling.register(connection)
        schema = read_schema(connection)
        fk = schema.foreign_keys[0]
        connection.set_progress_handler(count, 100)
        figures = Probe(connection, schema, fk, look_at(ReaderPool([connection]), schema)).figures
        assert figures.orphans > 0
    return taken


def numbers(rows: int, what: str) -> str:
    return f"WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < {rows}) {what};"


@pytest.mark.parametrize(
    ("parent", "key", "child"),
    [
        pytest.param("k PRIMARY KEY", "n", "CAST(n AS TEXT)", id="text of numbers, no type"),
        pytest.param("k BLOB PRIMARY KEY", "n", "CAST(n AS TEXT)", id="text of numbers, BLOB"),
        pytest.param("k INTEGER PRIMARY KEY", "n", "CAST(n AS TEXT) || x'c2a0'", id="text of numbers, INTEGER"),
        pytest.param("k TEXT PRIMARY KEY", "'key-' || n", "'KEY-' || n", id="upper case"),
        pytest.param("k TEXT PRIMARY KEY", "'Key-' || n", "'KEY-' || n", id="mixed case"),
        pytest.param("k TEXT PRIMARY KEY", "'Key-' || n", "'lost' || n", id="lost"),
        pytest.param("k PRIMARY KEY", "CAST(printf('%016x', n) AS BLOB)", "printf('%016X', n)", id="bytes of text"),
        pytest.param("k PRIMARY KEY", "n", "CAST(n AS TEXT)", id="a number and its text"),
        pytest.param("k PRIMARY KEY", "'\u00e4' || n", "'\u00c4' || n", id="beyond ascii"),
        pytest.param("k PRIMARY KEY", "'K' || n", "'k' || n", id="several"),
        pytest.param(
            "k TEXT PRIMARY KEY",
            "printf('%08x-0000-4000-8000-%012x', n * 7919, n)",
            "printf('%08X0000400080%014X', n * 7919, n)",
            id="guids",
        ),
    ],
)  # fmt: skip
def test_the_steps_grow_with_the_rows_and_not_with_their_square(parent: str, key: str, child: str) -> None:
    def taken(rows: int) -> int:
        several = numbers(rows, f"INSERT INTO p (k) SELECT lower({key}) || ' ' FROM i") if key == "'K' || n" else ""
        return steps(
            f"CREATE TABLE p ({parent}, v); CREATE TABLE c (id INTEGER PRIMARY KEY, x REFERENCES p (k));"
            + numbers(rows, f"INSERT INTO p (k) SELECT {key} FROM i")
            + several
            + numbers(rows, f"INSERT INTO c (x) SELECT {child} FROM i")
        )

    few, many = taken(1000), taken(4000)
    assert many < 6 * few


def test_a_null_among_the_parents_although_they_are_not_null(tmp_path: Path) -> None:
    """SQLite takes IS NOT NULL for true of a column that is declared so, whatever stands in it."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id TEXT UNIQUE); INSERT INTO p VALUES (NULL), (NULL), ('ANN');
        CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT REFERENCES p (id)); INSERT INTO c VALUES (1, 'ann'), (2, 'x');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = 'CREATE TABLE p (id TEXT UNIQUE NOT NULL)' WHERE name = 'p';
        PRAGMA writable_schema = RESET;
        """,
    )
    ran = sqlfix("scan", path, "--format", "json")
    assert [(r["checked"], r["orphans"]) for r in ran.json["relationships"]] == [(True, 2)]
    (found,) = [f for f in ran.json["findings"] if f["check"] == "orphan-rows"]
    assert found["facts"]["spelling_matches"] == 1
    assert "no faults" not in sqlfix("repair", "--dry-run", path).out


@together
@pytest.mark.parametrize("declared", ["", "INTEGER", "TEXT", "REAL", "NUMERIC", "BLOB", "TEXT COLLATE NOCASE"])
def test_what_is_surely_of_a_form_is_of_it(declared: str) -> None:
    values: list[object] = [
        *("0", "1", "9", "10", "007", "-5", "+5", "1.0", "1e3", " 1", "1 ", "1\x00", "12x", "x", "", ":"),
        *("9223372036854775807", "9223372036854775808", "1" * 31, "1" * 40, 0, 1, -1, 1.0, 1.5, 1e300),
        *(b"", b"1", b"12", None, "A1"),
    ]  # fmt: skip
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (k {declared})")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
        for form in FORMS:
            if form.surely:
                told = connection.execute(
                    f"SELECT k, CASE WHEN {form.surely('c.k')} THEN 1 ELSE 0 END, CASE WHEN {form.holds('c.k')}"
                    " THEN 1 ELSE 0 END FROM t AS c"
                ).fetchall()
                assert [row for row in told if row[1] and not row[2]] == []
                assert declared not in ("", "TEXT", "BLOB") or {row[0] for row in told if row[1]} >= {"1", "10"}
                hold = f"({form.holds('c.k')}) IS NOT 1 AND typeof(c.k) <> 'null'"
                others = list(connection.execute(f"SELECT k FROM t AS c WHERE {hold}"))
                assert others == list(connection.execute(f"SELECT k FROM t AS c WHERE {other_form(['k'], [form])}"))
