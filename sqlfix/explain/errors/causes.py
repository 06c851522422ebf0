"""What causes a recognised error message in one file: each kind of message has its answer; read only."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.explain.answers import Culprit, Explanation
from sqlfix.explain.errors.constraints import explain_check, explain_datatype, explain_not_null, explain_strict_type
from sqlfix.explain.errors.damage import explain_damage
from sqlfix.explain.errors.foreign_keys import explain_foreign_key, keys_of
from sqlfix.explain.errors.inquiry import Asked, Found, of_finding, trigger_culprit
from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.missing import (
    explain_missing_column,
    explain_missing_function,
    explain_missing_object,
    explain_missing_table,
)
from sqlfix.explain.errors.names import find_columns, find_table, named_in, spoken_of
from sqlfix.explain.errors.own_rules import explain_own_rule
from sqlfix.explain.errors.recognise import recognised_in
from sqlfix.explain.errors.schema import (
    explain_column_count,
    explain_conflict_target,
    explain_existing,
    explain_migration,
    explain_not_utf8,
    explain_schema,
)
from sqlfix.explain.errors.unique import explain_unique
from sqlfix.explain.errors.written import COMPUTED, NO_SOURCE
from sqlfix.model.findings import NotChecked
from sqlfix.model.values import folded
from sqlfix.scan.check import DAMAGED
from sqlfix.schema.database import Database
from sqlfix.sql.tokens import DdlError, has_words, tokens
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.integrity import is_damaged


def explain_error(database: Database, error: str | Recognised) -> Explanation:
    """What a message means, and what in a database causes it.

    Args:
        error: a text that holds the message, such as a traceback; or what was recognised in one.

    Raises:
        Refused: where it holds none that is known.
        SqlfixError: where the file as a whole cannot be read.
    """
    recognised = recognised_in(error) if isinstance(error, str) else error
    with closing(Asked(database, recognised)) as first:
        asked, answer = _answered(first)
    elsewhere = _if_elsewhere(asked, answer)
    unread = asked.not_read() if _depends_on_the_statement(asked) else ()
    unknown = [*elsewhere, *_not_looked_at(asked, bool(answer.culprits))]
    if not answer.culprits:
        unknown += (NotChecked("the statement", reason) for reason in unread)
    # the triggers that raise a message of SQLite's; of those that are looked for by their triggers they are known
    known = recognised.kind in (Kind.RAISED, Kind.STATEMENT)
    what, message = "raises this message, in the words of SQLite itself", asked.recognised.message
    raised = () if known else _raising(asked, lambda text: message == _first_line(text), what)
    said = f" About the statement: {'; '.join(unread)}. So everything that it can mean is named." if unread else ""
    return Explanation(
        replace(recognised, message=_with_whole_names(asked), statement=asked.statement or recognised.statement),
        database.name,
        answer.meaning + "".join(f" {entry.reason[0].upper()}{entry.reason[1:]}." for entry in elsewhere) + said,
        (*_held_for_damage(asked, answer.culprits), *raised),
        tuple(dict.fromkeys((*answer.not_checked, *unknown))),
        answer.closing,
    )


def _answered(asked: Asked) -> tuple[Asked, Found]:
    """The answer for the statement nearest to the message; of several, for the first that is seen to fail."""
    recognised = asked.recognised
    answers = _ANSWERS[recognised.kind]
    for statement in (recognised.statement, *recognised.others) if recognised.others else ():
        one = replace(asked, recognised=replace(recognised, statement=statement))
        answer = answers(one)
        if any(culprit.kind in _OF_ITS_ROWS for culprit in answer.culprits):
            return replace(one, recognised=replace(one.recognised, others=())), answer
    asked = replace(asked, recognised=replace(recognised, others=()))
    return asked, answers(asked)


def _held_for_damage(asked: Asked, culprits: Iterable[Culprit]) -> Iterator[Culprit]:
    """The culprits; where the file is damaged, without a repair, which would be refused then."""
    damaged: bool | None = None
    for culprit in culprits:
        repairs = culprit.command[:1] in (("repair",), ("repair-schema",))
        if repairs and damaged is None:
            damaged = False
            with overlooking():
                damaged = is_damaged(asked.connection)
        yield replace(culprit, hint=_SAVE, command=()) if repairs and damaged else culprit


_SAVE = f"{DAMAGED}; on a copy, the sqlite3 shell's .recover saves what is in it"
_OF_ITS_ROWS = ("references", "new-row")
"""The culprits that only the rows of a statement can be."""


def _with_whole_names(asked: Asked) -> str:
    """The message, with a name that is longer than an identifier as the file has it."""
    recognised = asked.recognised
    named = named_in(asked.schema, recognised.subject) if recognised.kind in _OF_A_TABLE else ""
    if recognised.kind in (Kind.MISSING_TABLE, Kind.MISSING_COLUMN):
        named = spoken_of(asked.schema, recognised.subject) or ""
    before, _, said = recognised.message.rpartition(": ")
    whole = named.startswith(said) and len(named) > len(said)
    return f"{before}: {' '.join(named.split())}" if said and whole else recognised.message


_OF_A_TABLE = (Kind.UNIQUE, Kind.PRIMARY_KEY, Kind.NOT_NULL, Kind.STRICT_TYPE, Kind.MISMATCH)


def _depends_on_the_statement(asked: Asked) -> bool:
    """True where the answer would be another one if more of the statement were known."""
    statement, kind = asked.statement, asked.recognised.kind
    if kind is Kind.NOT_NULL:  # of a new row, no NULL that is stored is the cause
        return statement is None or statement.verb != "INSERT" or statement.source is not None
    return kind in (Kind.FOREIGN_KEY, Kind.UNIQUE, Kind.PRIMARY_KEY)


_COPIED = (*_OF_A_TABLE, Kind.CHECK)


def _not_looked_at(asked: Asked, is_found: bool) -> Iterator[NotChecked]:
    """What nobody looks at, beside what the answer says of that; ``is_found`` says that there is a cause."""
    recognised, kind, statement = asked.recognised, asked.recognised.kind, asked.recognised.statement
    if statement and statement.copied and kind in _COPIED and folded(statement.table) == folded(recognised.table or ""):
        # what an INSERT … SELECT fills by an expression: what that gives is not known
        filled = {folded(name) for name in statement.written} - {folded(to) for to, _ in statement.copied}
        named = (name for name in recognised.columns if folded(name) in filled)
        yield from (NotChecked(f"{statement.table}.{name}", COMPUTED) for name in named)
    meant = None if kind is Kind.FOREIGN_KEY else asked.table  # None: the rows of any table may be the cause
    for table in asked.schema.tables if kind in (*_COPIED, Kind.FOREIGN_KEY, Kind.DATATYPE) else ():
        if table.unreadable and meant in (None, table):
            yield NotChecked(table.name, f"SQLite cannot read the table: {table.unreadable}")
    if statement and statement.source and kind in (*_COPIED, Kind.DATATYPE) and not is_found:
        source = asked.schema.table(statement.source)
        if source is None or source.kind != "table":  # its rows are those that fail
            yield NotChecked("INSERT … SELECT", NO_SOURCE)


def _if_elsewhere(asked: Asked, answer: Found) -> tuple[NotChecked, ...]:
    """That the table of the message is none of this file's, where nothing was found for that reason."""
    name = asked.recognised.table
    if name is None or answer.culprits or asked.recognised.kind not in _OF_A_TABLE or find_table(asked.schema, name):
        return ()
    if find_columns(asked.schema, asked.recognised.subject):  # where a name holds a point
        return ()
    reason = f"this file has no table {name}: the application used another file, or an older state of this one"
    return (NotChecked(name, reason),)


# -- keys that SQLite cannot use ----------------------------------------------------------------------------------


def _mismatch(asked: Asked) -> Found:
    """Which key it is, and why SQLite cannot use it."""
    recognised = asked.recognised
    child, parent = find_table(asked.schema, recognised.table), find_table(asked.schema, recognised.parent)
    found = Found(asked)
    parents = {folded(name) for name in (recognised.parent, parent.name if parent else None) if name}
    for fk in keys_of(asked, child) if child else ():
        if fk.fault and folded(fk.parent) in parents:
            found.culprits += (of_finding(finding) for finding in asked.checked(fk)[1])
    meaning = (
        "SQLite cannot look up the parent of a foreign key: the columns that it references are not a primary key and"
        " have no unique index, or their number differs. The schema is at fault, not the rows."
    )
    if child and not found.culprits:
        meaning += f" In this file, no foreign key from {recognised.table} to {recognised.parent} has this fault."
    return found.answer(meaning)


# -- what others say ----------------------------------------------------------------------------------------------


def _raised(asked: Asked) -> Found:
    """The triggers that hold a message which is not explained here: one may say the same as SQLite.

    Raises:
        Refused: where none does: the message is about the statement, or it is not known.
    """
    found, message = Found(asked), asked.recognised.message
    said = " ".join(asked.recognised.subject.split())
    found.culprits += _raising(asked, lambda text: _stands_in(_first_line(text), said), "raises this message")
    if found.culprits:
        return found.answer("This is not SQLite's own message: a trigger in the file raises it to refuse a change.")
    if asked.recognised.kind is Kind.RAISED:
        problem = f"this message is unknown, and no trigger in {asked.database} raises it: {message}"
        raise Refused(problem, "docs/errors.md lists the messages that sqlfix understands")
    raise Refused(
        f"sqlfix does not explain this message of SQLite: {message}",
        "it is about the statement or the connection, or SQLite has already said everything;"
        " sqlfix scan looks for faults in the rows and the schema",
    )


def _raising(asked: Asked, meant: Callable[[str], bool], what: str) -> Iterator[Culprit]:
    """The triggers whose RAISE has a text that is meant."""
    for table in asked.schema.tables:
        for trigger in table.triggers:
            if has_words(trigger.sql, "raise", "(") and any(map(meant, _texts(trigger.sql))):
                yield trigger_culprit(table, trigger, what, "its text says when; no constraint is broken")


def _texts(sql: str) -> list[str]:
    """The texts that a trigger raises: ``RAISE(ABORT, 'text')``; of a text that cannot be read, all of it."""
    try:
        cut = tokens(sql)
    except DdlError:
        return [sql]
    return [
        cut[at + 4].name or ""
        for at in range(len(cut) - 4)
        if cut[at].word == "raise" and cut[at + 1].word == "(" and cut[at + 3].word == ","
    ]


def _first_line(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())


def _stands_in(line: str, said: str) -> bool:
    """True if a line stands in a message by whole words."""
    return bool(line) and re.search(rf"(?<!\w){re.escape(line)}(?!\w)", said) is not None


_OTHERS = {
    "locked": "Another program was writing to the file. That says nothing about the rows.",
    "readonly": "This user may not write to the file or its folder. That says nothing about the rows.",
    "I/O": "The disk failed or is full. That says nothing about the rows.",
    "full": "The disk is full. That says nothing about the rows.",
    "open": "The path is wrong, or the folder may not be written to. That says nothing about the rows.",
    "not a database": "The file is encrypted or damaged, or it is not a SQLite database.",
}


def _other(asked: Asked) -> Found:
    said = asked.recognised.subject
    meaning = next((text for word, text in _OTHERS.items() if word in said), "")
    return Found(asked).answer(meaning, closing="The message is not about the rows or the schema of {}.")


_ANSWERS: Mapping[Kind, Callable[[Asked], Found]] = {
    Kind.FOREIGN_KEY: explain_foreign_key,
    Kind.UNIQUE: explain_unique,
    Kind.PRIMARY_KEY: explain_unique,
    Kind.NOT_NULL: explain_not_null,
    Kind.CHECK: explain_check,
    Kind.MISSING_TABLE: explain_missing_table,
    Kind.MISSING_COLUMN: explain_missing_column,
    Kind.MISSING_FUNCTION: explain_missing_function,
    Kind.MISSING_OBJECT: explain_missing_object,
    Kind.EXISTS: explain_existing,
    Kind.CONFLICT_TARGET: explain_conflict_target,
    Kind.COLUMN_COUNT: explain_column_count,
    Kind.SCHEMA: explain_schema,
    Kind.NOT_UTF8: explain_not_utf8,
    Kind.MISMATCH: _mismatch,
    Kind.DATATYPE: explain_datatype,
    Kind.STRICT_TYPE: explain_strict_type,
    Kind.RAISED: _raised,
    Kind.MIGRATION: explain_migration,
    Kind.OWN_RULE: explain_own_rule,
    Kind.DAMAGED: explain_damage,
    Kind.OTHER: _other,
    Kind.STATEMENT: _raised,
}
