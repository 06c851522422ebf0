"""Parents for the rows that have none: one for each row, for each group or for all, made, linked, and told apart.

It is a plan like any other. All that is worked out stands in temporary tables that its statements make, so that the
script is the same for a million rows as for one.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlfix.errors import Refused
from sqlfix.model.plans import Change, Fix, Left, Plan
from sqlfix.model.schema import Schema
from sqlfix.model.values import Applicability, Loss, folded
from sqlfix.plan.apply import FixFailed
from sqlfix.plan.backfill_names import Matches, Names, find_matches, kept_value, told_apart, value_of
from sqlfix.plan.backfill_wish import ONE_EACH, Backfill, Wish, understood
from sqlfix.plan.new_keys import CannotMake, NewKeys, new_key
from sqlfix.plan.rehearsal import affected, plan_changes, private_copy
from sqlfix.plan.shown_rows import SHOWN, new_rows
from sqlfix.plan.stand_in_rows import Maker, Row
from sqlfix.plan.stand_ins import refused_by_sqlite
from sqlfix.schema.database import Database, Met
from sqlfix.sql.literals import quote
from sqlfix.sql.missing_keys import as_stored, keys_above
from sqlfix.sql.predicates import affinity, gathered_keys, in_rows, is_gathered, is_row_of, row_key, told_by
from sqlfix.sql.statements import gather, statement
from sqlfix.sqlite.deadline import limited
from sqlfix.sqlite.failures import require_refusal
from sqlfix.text import address, pairs_text, plural, typed_address

NAME = "backfill"
"""The name of its steps, and of what they leave."""


def backfill(database: Database, asked: Backfill, met: Met | None = None) -> Plan:
    """The plan that gives rows without a parent a new one, with the figures of a rehearsal; read only.

    Raises:
        Refused: where it cannot be done, with what to give so that it can.
    """
    wish = understood(database.schema, asked)
    wanted = f"SELECT 1 FROM {quote(wish.child.name)} AS c WHERE {wish.wanting()} LIMIT 1"
    if database.connection.execute(wanted).fetchone() is None:
        return Plan(database.name, (), (), (), (), schema=database.schema)
    if met:
        met(database)
    with private_copy(database.connection) as copy:
        work = _Work(wish, NewKeys(copy, wish.schema))
        try:
            fixes = work.fixes()
            if not fixes:
                return Plan(database.name, (), tuple(work.left), (), (), schema=database.schema)
            tables = (wish.child.name, wish.parent.name)
            concerned = affected(wish.schema, wish.schema.foreign_keys, tables)
            plan = plan_changes(copy, wish.schema, database.name, fixes, concerned)
        except CannotMake as why:
            raise _refused(wish, why) from why
        except FixFailed as failed:
            raise _failed(wish, failed) from failed
    return replace(plan, left=(*work.left, *plan.left), schema=database.schema)


def may_be_required(schema: Schema, asked: Backfill) -> bool:
    """True where the reference can become NOT NULL once every row has a parent; in a tree, the new rows have none."""
    wish = understood(schema, asked)
    columns = (wish.child.column(name) for name in wish.foreign_key.child_columns)
    return not wish.is_tree and any(column is not None and not column.not_null for column in columns)


def _failed(wish: Wish, failed: FixFailed) -> Refused:
    """Why a step cannot be done, with what to give or to leave out."""
    table = wish.schema.known_table(failed.fix.table)
    by_sqlite = getattr(failed.error, "sqlite_errorname", None)
    if by_sqlite is None:  # it is what we found ourselves afterwards
        return _refused(wish, CannotMake(f"{table.name}: {failed}"))
    if failed.fix.kind == "insert":
        return _refused(wish, refused_by_sqlite(table, wish.foreign_key.parent_columns, failed.error))
    shares = by_sqlite in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    hint = ONE_EACH if wish.group is not None else "leave out --match" if wish.match else None
    return Refused(f"SQLite refuses the new references in {table.name}: {failed.error}", hint if shares else None)


def _refused(wish: Wish, why: CannotMake) -> Refused:
    give = "; ".join(
        f"--set {typed_address(table, (column,), '=VALUE')}"
        for table, column in why.places
        if column not in wish.templates
    )
    given = ", ".join(column for _, column in why.places if column in wish.templates)
    hint = f"give a value: {give}" if give else f"--set something else for {given}" if given else None
    return Refused(f"no parents can be made in {wish.parent.name}: {why}", hint)


@dataclass(slots=True)
class _Work:
    """What is worked out on the copy, in temporary tables; ``random`` are columns of which nobody knows the values."""

    wish: Wish
    keys: NewKeys
    left: list[Left] = field(default_factory=list)
    random: list[str] = field(default_factory=list)

    def fixes(self) -> tuple[Fix, ...]:
        """The steps.

        Raises:
            CannotMake: where the parents cannot be made.
        """
        rows = every = self._rows()
        self._require_values(rows)
        fixes, linked = [], None
        if self.wish.match:
            matches = find_matches(self.wish, rows, self._with_child(rows), self.keys)
            self._leave(matches, rows)
            rows = self._unmatched(matches, rows)
            linked = self._links(every, matches.linked, "p") if self._count(f"temp.{matches.linked}") else None
        if count := self._count(f"temp.{rows} WHERE leads"):
            made = self._new(rows)
            fixes.append(self._insert(made, rows, count))
            fixes.append(self._update(self._links(rows, made, "k"), "the new one"))
        if linked:
            fixes.append(self._update(linked, f"the one that has their {', '.join(matches.columns)}"))
        if fixes:
            if not self.left and not self.wish.is_tree:  # else some stay without a parent, or the new rows are such
                fixes[-1] = replace(fixes[-1], remaining_sql=f"SELECT count(*) FROM {self._wanted_rows()}")
            fixes = self.keys.around(fixes)
        return tuple(fixes)

    # -- temporary tables -------------------------------------------------------------------------------------------

    def _gathered(self, word: str, query: str, keys: str) -> str:
        """A temporary table of the rows of a query, by some of its columns."""
        made = self.keys.temporary(f"sqlfix_backfill_{word}")
        self.keys.run(gather(made, query, keys))
        return made

    def _count(self, source: str) -> int:
        return int(self.keys.connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0])

    def _with_child(self, rows: str) -> str:
        """A FROM clause: of each new parent the first row ``c`` that it is made for, and its number ``r.n``."""
        child = self.wish.child
        # the table of rows is gone through, and the child looked up
        return f"FROM temp.{rows} AS r CROSS JOIN {quote(child.name)} AS c ON {is_row_of(child, 'c', 'r')} AND r.leads"

    def _rows(self) -> str:
        """The rows that get a parent: their keys ``k0, …``, the number ``n`` of it, and which of them ``leads``."""
        wish, child = self.wish, self.wish.child
        keys = [f"k{place}" for place in range(len(told_by(child)))]
        own = [f"c.{quote(name)} AS {key}" for name, key in zip(told_by(child), keys, strict=True)]
        number = f"row_number() OVER (ORDER BY {', '.join(row_key(child, 'c'))}) AS r"
        wanted = f"FROM {self._wanted_rows()}"
        listed = ", ".join(keys)
        if wish.group is None:
            query = f"SELECT {listed}, r AS n, 1 AS leads FROM (SELECT {', '.join((*own, number))} {wanted})"
        else:
            same = [f"c.{quote(name)}" for name in wish.group]
            if len(wish.foreign_key.child_columns) > 1:
                same += [kept_value(wish, name) for name in wish.foreign_key.child_columns]
            grouped = [f"{value} AS g{place}" for place, value in enumerate(same)]
            by = f"PARTITION BY {', '.join(f'g{place}' for place in range(len(same)))}" if same else ""
            inner = f"SELECT {', '.join((*own, number, *grouped))} {wanted}"
            first = f"SELECT {listed}, r, min(r) OVER ({by}) AS lead_r FROM ({inner})"
            query = f"SELECT {listed}, dense_rank() OVER (ORDER BY lead_r) AS n, r = lead_r AS leads FROM ({first})"
        return self._gathered("rows", query, listed)

    def _not_new(self) -> str:
        """Of a tree: SQL that leaves out the rows that are made, which a script would meet when it is run again."""
        child = self.wish.child
        if not self.wish.is_tree or child.without_rowid:
            return ""
        rowid = quote(child.row_id[0])
        highest = self.keys.connection.execute(f"SELECT max({rowid}) FROM {quote(child.name)}").fetchone()[0]
        return f" AND c.{rowid} <= {highest}"

    def _require_values(self, rows: str) -> None:
        """Raise CannotMake where a template meets a value that it has no text for."""
        child, group = self.wish.child, self.wish.group
        texts = {apart.column for apart in told_apart(self.wish)}
        own = self.wish.foreign_key.child_columns
        same = (*(group or ()), *(own if len(own) > 1 else ()))
        for above, template in self.wish.templates.items():
            for part in template.fields:
                if group is not None and part.column not in same:
                    raise CannotMake(
                        f"the rows of a group can differ in {part.column}, which the template of {above} asks for:"
                        " only columns of --group-by are the same in all"
                    )
                value = f"c.{quote(part.column)}"
                asked = [(f"typeof({value}) = 'null'", "NULL")]
                if part.formatted:
                    kind = "integer" if part.whole else "text"
                    what = "not a whole number" if part.whole else "not a text"
                    asked.append((f"typeof({value}) <> '{kind}'", what))
                elif template.alone is None or above in texts:
                    asked.append((f"typeof({value}) = 'blob'", "a BLOB"))
                for condition, what in asked:
                    self._require_none(
                        f"{self._with_child(rows)} WHERE {condition}", address(child.name, [part.column]), what
                    )

    def _require_none(self, source: str, place: str, what: str) -> None:
        keys = ", ".join(f"c.{quote(name)}" for name in self.wish.child.known_by)
        found = self.keys.connection.execute(f"SELECT count(*) OVER (), {keys} {source} LIMIT 1").fetchone()
        if found is not None:
            row = pairs_text(zip(self.wish.child.known_by, found[1:], strict=True))
            raise CannotMake(
                f"{place} is {what} in {plural(found[0], 'row')} that need{'s' * (found[0] == 1)} a parent: {row}"
            )

    # -- parents ----------------------------------------------------------------------------------------------------

    def _new(self, rows: str) -> str:
        """The new parents: ``n``, the key ``k0, …``, and the value of each template ``v0, …``."""
        wish, fk = self.wish, self.wish.foreign_key
        source = self._with_child(rows)
        names = {apart.column: Names(self.keys, wish, apart, source).make() for apart in told_apart(wish)}
        joined = {name: f"m{place}" for place, name in enumerate(names)}
        values = {name: f"{joined[name]}.name" if name in joined else value_of(wish, name) for name in wish.templates}
        keys = []
        count = self._count(f"temp.{rows} WHERE leads")
        for own, above in zip(fk.child_columns, fk.parent_columns, strict=True):
            keys.append(self._key(own, above, values, count))
        listed = ["r.n AS n", *(f"{key} AS k{place}" for place, key in enumerate(keys))]
        listed += [f"{value} AS v{place}" for place, value in enumerate(values.values())]
        joins = "".join(f" JOIN temp.{names[name]} AS {alias} ON {alias}.n = r.n" for name, alias in joined.items())
        return self._gathered("new", f"SELECT {', '.join(listed)} {source}{joins}", "n")

    def _key(self, own: str, above: str, values: dict[str, str], count: int) -> str:
        """SQL of one column of the key: what the child has of it, what was given, or a new value."""
        wish = self.wish
        column = wish.parent.known_column(above)
        kept = kept_value(wish, own) if len(wish.foreign_key.child_columns) > 1 else None
        if kept and not self.keys.is_there(f"SELECT 1 FROM {self._wanted_rows()} AND {wish.missing(own)}"):
            return f"c.{quote(own)}"
        if values.get(column.name) == "NULL":
            place = address(wish.parent.name, (column.name,))
            raise CannotMake(f"{place} is the key of the new rows: with NULL there, nothing refers to them")
        if column.name in values:
            # as the parent will store it: the child's column may have no type to make a number of it
            new = as_stored(affinity(column, wish.parent.strict), values[column.name])
        else:
            if wish.schema.keys_with(wish.parent.name, column.name):
                raise CannotMake(
                    f"{address(wish.parent.name, (column.name,))} is a reference itself, and nothing says to what",
                    (wish.parent.name, column.name),
                )
            new = new_key(self.keys, wish.parent, column.name, count)
            self.random += [column.name] * ("random" in new)
        return f"coalesce({kept}, {new})" if kept else new

    def _wanted_rows(self) -> str:
        return f"{quote(self.wish.child.name)} AS c WHERE {self.wish.wanting()}{self._not_new()}"

    def _insert(self, made: str, rows: str, count: int) -> Fix:
        wish, fk = self.wish, self.wish.foreign_key
        keys = [f"k{place}" for place in range(len(fk.child_columns))]
        above = {folded(name) for name in fk.parent_columns}
        given = {name: f"k.v{place}" for place, name in enumerate(wish.templates) if folded(name) not in above}
        columns = [*keys, *(value.removeprefix("k.") for value in given.values()), "n"]
        row = Row(Maker(self.keys), fk, f"SELECT {', '.join(columns)} FROM temp.{made}", given)
        self._require_no_parent(given)
        row.fill()
        for own, values in row.above():
            if self.keys.is_there(keys_above(wish.schema, own, values, row.keys)):
                place = address(wish.parent.name, own.child_columns)
                raise CannotMake(f"some of them would have no parent in {own.parent} ({place})")
        change = Change("insert", wish.parent.name, "1", row.values, f"FROM ({row.keys}) AS k")
        examples, same = self._shown(rows, row, given)
        per = "for all rows" if wish.group == () else "for each row" if wish.group is None else "for each group"
        return Fix(
            NAME, wish.parent.name, fk.parent_columns, None, (), (), count, Applicability.CHOICE, Loss.NOTHING,
            (statement(wish.schema, change),), "insert", written=tuple(row.values), decided_by="choice",
            why=f"one {per} of {address(wish.child.name, fk.child_columns)} without a parent",
            examples=examples, in_each=same,
        )  # fmt: skip

    def _require_no_parent(self, given: dict[str, str]) -> None:
        """Raise CannotMake where the new parents need a parent themselves, and nothing says which."""
        wish = self.wish
        above = {folded(name) for name in wish.foreign_key.parent_columns}
        for fk in {fk.subject: fk for fk in wish.parent.foreign_keys}.values():
            for name in fk.child_columns:
                column = wish.parent.column(name)
                if column is None or column.name in given or folded(name) in above or column.generated:
                    continue
                if (column.not_null or column.primary_key) and column.default is None:
                    place = address(wish.parent.name, (column.name,))
                    itself = "itself " if wish.is_tree else ""
                    raise CannotMake(
                        f"{place} has to reference a row of {fk.parent} {itself}and nothing says which",
                        (wish.parent.name, column.name),
                    )

    def _shown(self, rows: str, row: Row, given: Iterable[str]) -> tuple[tuple[str, ...], str]:
        """The first of the new rows, each with the first row that it is for; and what stands in each of them.

        What SQLite refuses is told by the rehearsal.
        """
        child, parent, copy = self.wish.child, self.wish.parent, self.keys.connection
        keys = [parent.known_column(name).name for name in self.wish.foreign_key.parent_columns]
        listed = ", ".join(("r.n", *(f"c.{quote(name)}" for name in child.known_by)))
        found = copy.execute(f"SELECT {listed} {self._with_child(rows)} ORDER BY r.n LIMIT {SHOWN}").fetchall()
        change = Change("insert", parent.name, "", row.values, f"FROM ({row.keys}) AS k")
        changes = [replace(change, where=f"k.n = {number}") for number, *_ in found]
        try:
            with limited(SHOWN, copy):
                each, same = new_rows(copy, self.wish.schema, changes, (*keys, *given), self.random)
        except sqlite3.Error as error:
            require_refusal(error)
            return (), ""
        wanted = (f"{child.name} {pairs_text(zip(child.known_by, key, strict=True))}" for _, *key in found)
        return tuple(f"{one or 'one'} for {key}" for one, key in zip(each, wanted, strict=False)), same

    # -- links ------------------------------------------------------------------------------------------------------

    def _links(self, rows: str, parents: str, key: str) -> str:
        """The keys of the rows ``k0, …``, and those of their parents ``p0, …``.

        Args:
            parents: a temporary table of keys by ``n``, whose columns begin with ``key``.
        """
        own = [f"r.k{place} AS k{place}" for place in range(len(told_by(self.wish.child)))]
        above = [f"m.{key}{place} AS p{place}" for place in range(len(self.wish.foreign_key.child_columns))]
        query = f"SELECT {', '.join((*own, *above))} FROM temp.{rows} AS r JOIN temp.{parents} AS m ON m.n = r.n"
        return self._gathered("links", query, gathered_keys(self.wish.child))

    def _update(self, links: str, which: str) -> Fix:
        wish, fk, child = self.wish, self.wish.foreign_key, self.wish.child
        written = {}
        for place, name in enumerate(fk.child_columns):
            if len(fk.child_columns) == 1 or self.keys.is_there(
                f"SELECT 1 FROM {self._wanted_rows()} AND {wish.missing(name)}"
            ):
                written[name] = f"k.p{place}"
        here = f"FROM temp.{links} AS k WHERE {is_gathered(child, 'k', 'c')}"
        where = f"EXISTS (SELECT 1 {here})"
        if len(told_by(child)) == 1:
            where = in_rows(child, "c", f"SELECT k0 FROM temp.{links}")
        change = Change("update", child.name, where, written, here)
        null = self.keys.is_there(
            f"SELECT 1 FROM {self._wanted_rows()} AND NOT ({' OR '.join(map(wish.is_null, fk.child_columns))})"
        )
        return Fix(
            NAME, *fk.subject, (), self._count(f"temp.{links}"), Applicability.CHOICE,
            Loss.VALUES if null else Loss.NOTHING, (statement(wish.schema, change),), "update",
            written=tuple(written), decided_by="choice", why=which,
        )  # fmt: skip

    # -- parents that are there -------------------------------------------------------------------------------------

    def _leave(self, matches: Matches, rows: str) -> None:
        """List the rows that are left, since which parent they mean is not certain."""
        fk, child = self.wish.foreign_key, self.wish.child
        their = ", ".join(matches.columns)
        for table, reason in (
            (matches.several, f"more than one parent has their {their}"),
            (matches.contested, f"another row has or wants the one parent with their {their}"),
            (matches.beneath, f"they would come beneath themselves by the one parent that has their {their}"),
        ):
            among = f"r.n IN (SELECT n FROM temp.{table})"
            keys = ", ".join(f"c.{quote(name)}" for name in child.known_by)
            joined = f"FROM temp.{rows} AS r JOIN {quote(child.name)} AS c ON {is_row_of(child, 'c', 'r')}"
            query = f"SELECT {keys} {joined} WHERE {among}"
            some = [
                pairs_text(zip(child.known_by, row, strict=True))
                for row in self.keys.connection.execute(f"{query} ORDER BY r.n, r.leads DESC LIMIT {SHOWN}")
            ]
            if count := self._count(f"temp.{rows} AS r WHERE {among}"):
                more = ", …" if count > len(some) else ""
                self.left.append(Left(NAME, *fk.subject, count, reason, f"link them by hand: {', '.join(some)}{more}"))

    def _unmatched(self, matches: Matches, rows: str) -> str:
        """The rows that no parent was found for, with new numbers."""
        keys = gathered_keys(self.wish.child)
        query = (
            f"SELECT {keys}, dense_rank() OVER (ORDER BY n) AS n, leads FROM temp.{rows}"
            f" WHERE n NOT IN (SELECT n FROM temp.{matches.found})"
        )
        return self._gathered("rows", query, keys)
