"""# fts-out-of-step

**What it finds.** Full-text indexes (FTS3, FTS4, FTS5) that do not hold the same documents as the table they index:
rows that were never indexed, entries whose row is gone, and text that was changed without telling the index. Also an
index that is damaged itself or counts its documents wrongly, and a trigger that removes rows from an index that were
never in it. The ids are compared. Then the module's own integrity check is run on a copy in memory, if the index and
its text have no more than 64 MB together. The text of a larger one is listed as not checked. An index without content
(`content=''`) is only checked for damage.

Rows that the application leaves out on purpose are not missing. Its triggers say which these are: by a WHEN, or by the
WHERE of a SELECT that has no FROM or reads the same row. If a trigger decides by more than the row, the rows that are
missing from the index are listed as not checked.

**Why it matters.** No search finds rows that are not in the index, and an entry without its row makes a search fail
with `database disk image is malformed`, although `PRAGMA integrity_check` says ok. Usually the triggers that keep the
index in step were lost when a table was rebuilt. A DELETE fails with the same message if its trigger removes a row from
the index that another trigger kept out of it.

**Example.** `notes_fts` is missing 12 rows of `notes`, and still has 3 that were deleted.

**How it is repaired and what that loses.** By `INSERT INTO notes_fts(notes_fts) VALUES('rebuild')`, which rebuilds the
index and loses nothing; this version of sqlfix shows the statement. A rebuild adds all rows: if triggers leave some
out, the statements shown leave out the same rows. If sqlfix cannot tell which rows, or an application without such
triggers indexes only some of the rows on purpose, only the application can rebuild the index.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Row, number_of
from sqlfix.model.schema import Table
from sqlfix.model.values import ROWID_NAMES, Fact, Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.full_text.integrity import Part, Verdict, command, compared, holds_together
from sqlfix.scan.full_text.kept_rows import ALWAYS, NEVER, Keeping, keeping_of, negated
from sqlfix.scan.full_text.steps import IndexOf
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.schema.search_index import documents_of, text_columns
from sqlfix.sql.create_virtual_table import FULL_TEXT, module_of
from sqlfix.sql.literals import quote
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.text import plural

_NO_TRIGGER = Keeping(fills=True)
"""What keeps an index that has text of its own: the module does."""


@frozen
class _Text:
    """The table or view that has the text of an index, and its column that is the id of a document, as SQL."""

    content: Table
    key: str
    own: bool


@frozen
class _Compared:
    """An index, its text, the query for the ids of its documents, and what triggers do to keep it in step.

    ``held`` is the number of the documents, ``absent`` that of the rows which are none of them.
    """

    text: _Text
    ids: str
    keeping: Keeping
    held: int = 0
    superfluous: int = 0
    absent: int = 0

    @property
    def rows(self) -> str:
        return f"{quote(self.text.content.name)} AS new"

    @property
    def is_absent(self) -> str:
        return f"new.{self.text.key} NOT IN ({self.ids})"


def inspect(reader: TableReader) -> Iterator[Finding]:
    """The documents that are missing or too many, and whether the text is another one.

    The module itself is never asked in the file: its check is a write.

    Raises:
        sqlite3.DatabaseError: where something could not be checked; the findings come first.
    """
    index = reader.table
    if module_of(index.sql) not in FULL_TEXT:
        return
    docsize = reader.schema.table(f"{index.name}_docsize")
    reader.read_again(docsize)
    text = _text(reader)
    if text is None:
        if holds_together(reader.connection, reader.schema, index) is Verdict.DAMAGED:
            yield _finding(index, {"damaged": 1, "content": None})
        return
    keeping = _keeping(reader, text)
    if docsize is None or docsize.kind != "shadow":
        yield from _without_ids(reader, text, keeping)
        return
    name = quote(docsize.name)
    (held,) = reader.connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    with limited(held, reader.connection):  # the content may be a view, and a view need not end
        of = _counted(reader, _Compared(text, f"SELECT {_id(index)} FROM {name}", keeping, held=held))
        findings = [*_documents(reader, of), *_takings(reader, of)]
    yield from findings
    untold = []
    if of.absent and keeping.leaves_out == ALWAYS:
        rows = "the missing row is" if of.absent == 1 else f"the {of.absent:,} missing rows are"
        untold.append(f"cannot tell whether {rows} left out on purpose: {keeping.untold}")
    if not of.superfluous and not any(finding.facts.get("missing") for finding in findings):
        try:
            yield from _damage(reader, of)
        except sqlite3.OperationalError as error:
            stop_if_interrupted(error)
            untold.append(str(error))
    if untold:
        raise sqlite3.OperationalError("; ".join(untold))


# -- what an index is of ------------------------------------------------------------------------------------------


def _id(index: Table) -> str:
    return "docid" if module_of(index.sql) == "fts4" else "id"


def _text(reader: TableReader) -> _Text | None:
    """What the index is of; None where it has no text.

    Raises:
        sqlite3.DatabaseError: where what it is of is not there, or cannot be read here.
    """
    index = reader.table
    documents = documents_of(reader.schema, index)
    if documents is None:
        own = reader.schema.table(f"{index.name}_content")
        return _Text(own, "docid" if module_of(index.sql) != "fts5" else "id", True) if own else None
    if not documents.content:
        return None
    named, key = documents.content, documents.key
    content = reader.schema.table(named)
    if content is None or content.kind == "virtual" or content.unreadable:
        why = "it does not exist" if content is None else content.unreadable or "it is a virtual table"
        raise sqlite3.OperationalError(f"the table {named} that it indexes cannot be read: {why}")
    columns = reader.connection.execute(f"PRAGMA main.table_info({quote(content.name)})")
    if folded(key) not in {folded(str(row[1])) for row in columns}:
        # a view has no rowid, though SQLite lets one ask for it
        of_rowid = content.kind == "table" and not content.without_rowid and folded(key) in ROWID_NAMES
        if not of_rowid:
            raise sqlite3.OperationalError(f"the table {named} that it indexes has no column {key}")
    return _Text(content, quote(key), False)


def _keeping(reader: TableReader, text: _Text) -> Keeping:
    if text.own:
        return _NO_TRIGGER
    documents = documents_of(reader.schema, reader.table)
    assert documents is not None
    columns = text_columns(reader.connection, documents)
    return keeping_of(reader.schema, IndexOf(reader.table.name, columns, text.content, documents.key))


# -- comparing ----------------------------------------------------------------------------------------------------


def _count(reader: TableReader, source: str, *conditions: str) -> int:
    where = " AND ".join(f"({condition})" for condition in conditions if condition != ALWAYS)
    if NEVER in conditions:
        return 0
    query = f"SELECT count(*) FROM {source}" + (f" WHERE {where}" if where else "")
    return int(reader.connection.execute(query).fetchone()[0])


def _counted(reader: TableReader, of: _Compared) -> _Compared:
    """The numbers of the rows that are gone, and of those that are none of the documents."""
    content, key = quote(of.text.content.name), of.text.key
    superfluous = _count(
        reader, f"({of.ids}) AS d LEFT JOIN {content} AS c ON c.{key} = d.{_id(reader.table)}", f"c.{key} IS NULL"
    )
    absent = 0
    if _count(reader, content) != of.held - superfluous:
        absent = _count(reader, of.rows, of.is_absent)
    return replace(of, superfluous=superfluous, absent=absent)


def _documents(reader: TableReader, of: _Compared) -> Iterator[Finding]:
    """What the index has too much or lacks, by the ids of its documents."""
    keeping, missing, unwanted = of.keeping, 0, 0
    expected = negated(keeping.leaves_out)
    if of.absent:
        missing = _count(reader, of.rows, of.is_absent, expected)
    if keeping.may_hold != ALWAYS:
        unwanted = _count(reader, of.rows, f"NOT ({of.is_absent})", negated(keeping.may_hold))
    counted = _counts_of_itself(reader)
    if not missing and not of.superfluous and not unwanted and counted in (None, of.held):
        return
    where = _all(of.is_absent, expected) if missing else _all(f"NOT ({of.is_absent})", negated(keeping.may_hold))
    some = f"SELECT new.{of.text.key} FROM {of.rows} WHERE {where}"
    if of.superfluous and not missing:
        some = f"{of.ids} EXCEPT SELECT {of.text.key} FROM {quote(of.text.content.name)}"
    number = missing + of.superfluous + unwanted
    facts = {"missing": missing, "superfluous": of.superfluous, "unwanted": unwanted, "filled": int(keeping.fills)}
    if counted not in (None, of.held):
        facts |= {"counted": counted, "held": of.held}
    facts_of_all = {"content": of.text.content.name, **facts, **_mend(reader, of, missing)}
    yield _finding(reader.table, facts_of_all, number, _sample(reader, some) if number else ())


def _counts_of_itself(reader: TableReader) -> int | None:
    """How many documents an FTS4 index has by its own count, the first varint of its statistics; None without one."""
    stat = reader.schema.table(f"{reader.table.name}_stat")
    if module_of(reader.table.sql) != "fts4" or stat is None or stat.kind != "shadow":
        return None
    row = reader.connection.execute(f"SELECT CAST(value AS BLOB) FROM {quote(stat.name)} WHERE id = 0").fetchone()
    number = 0
    for place, byte in enumerate(row[0] or b"" if row else b""):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return number


def _all(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions)


def _sample(reader: TableReader, query: str) -> tuple[Row, ...]:
    ids = reader.connection.execute(f"{query} LIMIT {SAMPLE_ROWS}").fetchall()
    return tuple(Row((("rowid", number),), ()) for (number,) in ids)


def _takings(reader: TableReader, of: _Compared) -> Iterator[Finding]:
    """The triggers that take rows out of the index which others kept out of it."""
    index, content, key = reader.table, quote(of.text.content.name), of.text.key
    if not of.absent or of.keeping.leaves_out == NEVER or of.text.content.kind != "table":
        return
    both = f"{content} AS new, {content} AS old"
    told = set()
    for taking in of.keeping.takings:
        where = (f"new.{key} = old.{key}", of.is_absent, of.keeping.leaves_out, taking.where)
        rows = 0 if taking.trigger in told else _count(reader, both, *where)
        if rows:
            told.add(taking.trigger)
            facts: dict[str, Fact] = {
                "content": of.text.content.name, "trigger": taking.trigger, "event": taking.event,
                "when": of.keeping.old_when,
            }  # fmt: skip
            yield _finding(index, facts, rows, _sample(reader, f"SELECT new.{key} FROM {both} WHERE {_all(*where)}"))


def _without_ids(reader: TableReader, text: _Text, keeping: Keeping) -> Iterator[Finding]:
    """What the module says of an index that keeps no list of its documents."""
    told = keeping.leaves_out not in (NEVER, ALWAYS)
    verdict = _compared_with(reader, text, negated(keeping.leaves_out) if told else ALWAYS, keeping.texts)
    if verdict is Verdict.STALE and (keeping.leaves_out != NEVER or keeping.untold_text):
        why = keeping.untold or keeping.untold_text or "its triggers leave rows out"
        raise sqlite3.OperationalError(
            f"it keeps no list of its documents, and what it should contain is unknown: {why}"
        )
    facts: dict[str, Fact] = {}
    if not _is_plain(keeping):
        rebuild = _as_triggers_do(reader.table, text, keeping) if keeping.leaves_out == NEVER else None
        facts = {"left_out": None, "rebuild": rebuild}
    yield from _told(reader.table, text, verdict, facts)


def _damage(reader: TableReader, of: _Compared) -> Iterator[Finding]:
    """What the module says of an index that has the right documents."""
    keeping, text = of.keeping, of.text
    verdict = _compared_with(reader, text, f"NOT ({of.is_absent})" if of.absent else ALWAYS)
    if verdict is Verdict.STALE and keeping.untold_text:
        raise sqlite3.OperationalError(f"its text was not compared: {keeping.untold_text}")
    if verdict is Verdict.STALE and keeping.texts is not None:
        verdict = _compared_with(reader, text, f"NOT ({of.is_absent})", keeping.texts)
    if verdict is not Verdict.SOUND:
        yield from _told(reader.table, text, verdict, _mend(reader, of, 0))


def _compared_with(reader: TableReader, text: _Text, where: str, texts: Mapping[str, str] | None = None) -> Verdict:
    """What the module says of an index and its text, or some of the rows of that: see `Part`."""
    part = None if text.own else Part(text.content, text.key, where, texts)
    return compared(reader.connection, reader.schema, reader.table, part)


def _told(index: Table, text: _Text, verdict: Verdict, facts: dict[str, Fact]) -> Iterator[Finding]:
    if verdict is not Verdict.SOUND:
        yield _finding(index, {"content": text.content.name, verdict.value: 1, **facts})


def _is_plain(keeping: Keeping) -> bool:
    """True if triggers put in all rows with the text that they have, as a rebuild does."""
    return keeping.leaves_out == NEVER and keeping.texts is None and not keeping.untold_text


def _mend(reader: TableReader, of: _Compared, missing: int) -> dict[str, Fact]:
    """The statements that make the index anew, where a rebuild would not do what the triggers do; None if not told."""
    keeping = of.keeping
    if _is_plain(keeping):
        return {}
    kept_though = _count(reader, of.rows, f"NOT ({of.is_absent})", keeping.leaves_out, keeping.may_hold)
    rebuild = None if kept_though else _as_triggers_do(reader.table, of.text, keeping)
    return {"left_out": of.absent - missing, "rebuild": rebuild}


def _as_triggers_do(index: Table, text: _Text, keeping: Keeping) -> str | None:
    """The statements that fill an index as its triggers do."""
    if keeping.when is None or keeping.untold_text:
        return None
    name = quote(index.name)
    if module_of(index.sql) == "fts5":
        return f"{command(index, 'delete-all')}; INSERT INTO {name}{keeping.put}" if keeping.put else None
    if keeping.texts is not None:
        return None
    rows = f"SELECT new.{text.key} FROM {quote(text.content.name)} AS new WHERE NOT (({keeping.when}) IS TRUE)"
    return f"{command(index, 'rebuild')}; DELETE FROM {name} WHERE docid IN ({rows})"


# -- in words -----------------------------------------------------------------------------------------------------


def _finding(index: Table, facts: dict[str, Fact], count: int = 0, sample: tuple[Row, ...] = ()) -> Finding:
    grave = any(facts.get(name) for name in ("superfluous", "stale", "damaged", "trigger"))
    return Finding(
        "fts-out-of-step", Severity.ERROR if grave else Severity.WARNING, index.name,
        count=count, sample=sample, facts=facts,
    )  # fmt: skip


def message(finding: Finding) -> str:
    """How many documents are missing, and how many are too many."""
    facts = finding.facts
    missing, superfluous, unwanted = (number_of(finding, name) for name in ("missing", "superfluous", "unwanted"))
    if facts.get("trigger"):
        return (
            f"the trigger {facts['trigger']} removes rows of {facts['content']} from the full-text index"
            f" {finding.table} that were never added: {plural(finding.count, 'row')}"
        )
    text = f"the full-text index {finding.table}"
    if facts.get("damaged"):
        return f"{text} is damaged"
    if facts.get("stale"):
        return f"{text} does not match the text in {facts['content']}"
    parts = []
    if missing:
        parts.append(f"is missing {plural(missing, 'row')} of {facts['content']}")
    if superfluous:
        parts.append(f"contains {plural(superfluous, 'row that does', 'rows that do')} not exist")
    if unwanted:
        parts.append(f"contains {plural(unwanted, 'row')} that its triggers leave out")
    if not parts:
        return f"{text} counts {facts['counted']} documents, but has {facts['held']}"
    return f"{text} {' and '.join(parts)}" + ("" if missing else f" in {facts['content']}")


def hint(finding: Finding) -> str | None:
    """The statement that makes the index anew."""
    facts, name = finding.facts, quote(finding.table)
    rebuild = f"INSERT INTO {name}({name}) VALUES ('rebuild')"
    if facts.get("trigger"):
        doing, to_do = {"delete": ("deleting", "delete"), "update": ("changing", "change")}[str(facts["event"])]
        when = f"WHEN {facts['when']}" if facts.get("when") else "the condition of the trigger that adds rows"
        return (
            f"{doing} such a row fails with: database disk image is malformed, or damages the index; give the trigger"
            f" {when}; after {rebuild} you can {to_do} them, but the search finds them until then"
        )
    if facts.get("content") is None:
        return "it keeps no text to rebuild it from: the application has to fill it again"
    if "rebuild" not in facts:
        anew = f"it can be rebuilt from its table: {rebuild}"
        if facts.get("missing") and not facts.get("filled"):
            return f"{anew}; no trigger adds rows: if the application leaves some out on purpose, they are not missing"
        return anew
    if facts["rebuild"]:
        return f"to rebuild it as its triggers fill it, which a plain rebuild would not do: {facts['rebuild']}"
    return (
        "no statement is shown, because a rebuild would add rows that its triggers leave out, or a different text; let"
        " the application fill it again"
    )


CHECKS.add("fts-out-of-step", Check(Severity.ERROR, __doc__, message, hint, inspect=inspect, kinds=("virtual",)))
