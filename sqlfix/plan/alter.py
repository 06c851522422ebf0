"""Altering columns: the text of their table edited at its tokens, and the plan of the change that makes it so.

What becomes different is found by trying it on an empty copy, and has to be just what was wished.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial, reduce

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.plans import Left, SchemaFact, SchemaPlan, SchemaStep
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.plan.alter_rows import Assumed, TypeChange, assumed_column, in_the_way, type_change
from sqlfix.plan.alter_wish import Place, Wish, action_of, check_of, has_check, place_of, reference_of, require_sensible
from sqlfix.plan.retyped import stored_anew
from sqlfix.plan.schema_changes import Tried, plan_of_tried, try_steps
from sqlfix.plan.schema_repair import StoredKeys, come_to_light
from sqlfix.schema.database import Database, Met
from sqlfix.schema.names import typed_place
from sqlfix.schema.stored_form import checks_of, stored_columns
from sqlfix.sql import foreign_key_edits as keys
from sqlfix.sql import table_edits as edits
from sqlfix.sql.create_index import new_index
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.table_edits import Splice, removal, require_expression, spliced
from sqlfix.sql.tokens import DdlError, known_tokens
from sqlfix.sql.type_changes import kept
from sqlfix.text import address, command_line

Edit = Callable[[str], str]
AND_SO: Mapping[str, tuple[str, ...]] = {
    "not null": ("on conflict",),
    "unique": ("on conflict",),
    "collation": ("unique", "order of the key"),
}
"""What else becomes different: an ON CONFLICT clause goes with its constraint, and indexes compare as columns do."""


@frozen
class Part:
    """One part of a wish that is not fulfilled yet.

    ``edit`` is the edit of the text that makes the fact ``fact`` different; or ``step`` the step of another object.
    ``assumed`` is what the rows have to bear, and ``is_new_key`` says that this is a foreign key.
    """

    fact: str
    edit: Edit | None = None
    step: SchemaStep | None = None
    assumed: Assumed = field(default_factory=Assumed)
    is_new_key: bool = False


def plan_alteration(database: Database, text: str, wish: Wish, met: Met | None = None) -> SchemaPlan:
    """Plan what is wished for the columns that a text names.

    Returns:
        a plan without steps where all is so already, or, with ``left``, where rows are in the way. With steps, ``left``
        are the orphans of foreign keys that SQLite could not use before.

    Raises:
        Refused: the wish cannot be fulfilled, whatever the rows are.
    """
    place = place_of(database.schema_with_text, text)
    require_sensible(wish, place)
    _require_no_null_in_required(place, wish)
    wished = (_of_keys, _of_columns, _of_checks, _of_declarations)
    parts = [part for parts_of in wished for part in parts_of(place, wish)]
    if not parts:
        return SchemaPlan(database.name, (), schema=database.schema)
    if met:
        met(database)
    assumed = reduce(Assumed.joined, (part.assumed for part in parts))
    change = type_change(database, place, assumed.type) if assumed.type is not None else None
    steps = _steps(place, parts, change)
    tried = try_steps(database.connection, database.schema, steps)
    _require_just(tried.facts, place, parts)
    key = _require_usable(database, place, tried.schema, any(part.is_new_key for part in parts))
    left, commands = in_the_way(database, place, _of_tried(replace(assumed, key=key), place, tried), change)
    if left:
        return SchemaPlan(database.name, (), left=left, next=commands, schema=database.schema)
    lit = _come_to_light(database, place, assumed, tried)
    seen = tuple(part for part in lit if not key or part.subject != key.subject)  # of that one there are none
    # of a foreign key that is new, orphans that have come since are no reason to go on
    return replace(
        plan_of_tried(database, steps, tried),
        left=seen,
        next=(command_line(("repair",), database.name),) if seen else (),
        reveals=wish.references is None,
    )


# -- what of the wish is to be done -------------------------------------------------------------------------------


def _of_keys(place: Place, wish: Wish) -> Iterator[Part]:
    """Foreign keys: those that there are first, by their numbers, then the one that is new."""
    if wish.no_references:
        for number in sorted(place.keys, reverse=True):
            yield Part("foreign key", partial(keys.without_foreign_key, number=number))
    new = reference_of(place, wish)
    if new is not None:
        yield Part("foreign key", partial(keys.with_foreign_key, columns=place.columns, reference=new), is_new_key=True)
    elif (key := place.key) is not None:
        number = place.keys[-1]
        on_delete = wish.on_delete and action_of(wish.on_delete, "--on-delete")
        on_update = wish.on_update and action_of(wish.on_update, "--on-update")
        if (on_delete or key.on_delete, on_update or key.on_update) != (key.on_delete, key.on_update):
            edit = partial(keys.with_actions, number=number, on_delete=on_delete, on_update=on_update)
            yield Part("foreign key", edit)
        if wish.deferrable is not None and wish.deferrable != key.deferrable:
            yield Part("foreign key", partial(keys.with_deferrable, number=number, deferrable=wish.deferrable))


def _of_columns(place: Place, wish: Wish) -> Iterator[Part]:
    """NOT NULL and UNIQUE."""
    for name in place.columns if wish.not_null is not None else ():
        if place.table.known_column(name).not_null != wish.not_null:
            without = partial(edits.without_clause, kind="not null")
            edit = partial(edits.with_not_null if wish.not_null else without, column=name)
            yield Part("not null", edit, assumed=Assumed(not_null=bool(wish.not_null)))
    unique = wish.is_unique or wish.unique_index
    if unique and not _is_unique(place):
        if wish.unique_index:
            yield Part("index", step=_unique_index(place), assumed=Assumed(unique=True))
        else:
            yield Part("unique", partial(edits.with_unique, columns=place.columns), assumed=Assumed(unique=True))
    elif wish.is_unique is False:
        yield from _no_longer_unique(place)


def _of_checks(place: Place, wish: Wish) -> Iterator[Part]:
    """CHECK: the one that goes first, by its number, then those that are new."""
    if wish.no_check is not None and (number := check_of(place, wish)) is not None:
        yield Part("check", partial(edits.without_check, number=number))
    column = place.columns[0] if len(place.columns) == 1 else None
    for text in wish.check:
        if not has_check(place, text):
            edit = partial(edits.with_check, expression=text, column=column)
            yield Part("check", edit, assumed=Assumed(checks=(_expression(text),)))


def _of_declarations(place: Place, wish: Wish) -> Iterator[Part]:
    """Type, DEFAULT and collation, of one column."""
    name = place.columns[0]
    column = place.table.known_column(name)
    if wish.type is not None and folded(wish.type) != folded(column.type):
        _require_type(place, wish.type)
        yield Part("type", partial(edits.with_type, column=name, type=wish.type), assumed=Assumed(type=wish.type))
    if wish.default is not None and _cut(wish.default) != _cut(column.default or ""):
        yield Part("default", partial(edits.with_default, column=name, default=wish.default))
    if wish.no_default and column.default is not None:
        yield Part("default", partial(edits.without_clause, column=name, kind="default"))
    if wish.collate is not None and folded(wish.collate) != folded(column.collation):
        edit = partial(edits.with_collation, column=name, collation=wish.collate)
        yield Part("collation", edit, assumed=Assumed(collation=wish.collate))
    if wish.no_collate and folded(column.collation) != "binary":
        edit = partial(edits.without_clause, column=name, kind="collate")
        yield Part("collation", edit, assumed=Assumed(collation="BINARY"))


def _expression(text: str) -> str:
    try:
        return require_expression(text)
    except DdlError as error:
        raise Refused(f"--check {text}: {error}") from error


def _cut(text: str) -> list[str]:
    """The tokens of an expression without the parentheses around it."""
    cut = [token.word or token.text for token in known_tokens(text)]
    return cut[1:-1] if cut[:1] == ["("] and cut[-1:] == [")"] else cut


def _require_type(place: Place, type: str) -> None:
    if place.table.known_column(place.columns[0]).generated:
        raise Refused(f"{place.address} is computed from other columns: its type is not changed")
    if place.columns == (place.table.integer_key,):
        raise Refused(f"{place.address} is the rowid of its table, and stays INTEGER")
    if folded(type) == "integer" and place.columns == place.table.primary_key and not place.table.without_rowid:
        raise Refused(f"{place.address} is the primary key: as INTEGER it would become the rowid, and rows get others")


def _is_unique(place: Place) -> bool:
    """True if something makes these columns unique already, each as it compares itself."""
    if place.is_over(place.table.primary_key):
        return True
    for index in place.table.indexes:
        if index.unique and not index.partial and place.is_over(c.name or "" for c in index.columns):
            own = {folded(c.name): folded(c.collation) for c in place.table.columns}
            if all(folded(c.collation) == own[folded(c.name or "")] for c in index.columns):
                return True
    return False


def _unique_index(place: Place) -> SchemaStep:
    """Make the index unique that the columns have already, or else a new one."""
    why = f"{place.address} is to be unique"
    wanted = [(folded(name), folded(place.table.known_column(name).collation)) for name in place.columns]
    for index in place.table.indexes:
        own = [(folded(column.name or ""), folded(column.collation)) for column in index.columns]
        if index.created_by and not index.unique and not index.partial and own == wanted:
            name, sql = index.created_by
            word = next(token for token in known_tokens(sql) if token.word == "index")
            text = spliced(sql, [Splice((word.start, word.start), "UNIQUE ")])
            return SchemaStep("rewrite", "index", name, text, why=why)
    name, text = new_index(place.schema.has, place.table.name, place.columns, unique=True)
    return SchemaStep("create", "index", name, text, why=why)


def _no_longer_unique(place: Place) -> Iterator[Part]:
    if place.is_over(place.table.primary_key):
        raise Refused(f"{place.address} is the primary key of {place.table.name}, and stays unique")
    if any(map(place.is_over, place.text.uniques)):
        yield Part("unique", partial(edits.without_unique, columns=place.columns))
    for index in place.table.indexes:
        whole = index.unique and not index.partial
        if whole and index.created_by and place.is_over(c.name or "" for c in index.columns):
            name, sql = index.created_by
            word = next(token for token in known_tokens(sql) if token.word == "unique")
            text = spliced(sql, [removal(sql, (word.start, word.end))])
            why = f"{place.address} need not be unique any more"
            yield Part("index", step=SchemaStep("rewrite", "index", name, text, why=why))


# -- the steps, and what they lead to -----------------------------------------------------------------------------


def _steps(place: Place, parts: Iterable[Part], change: TypeChange | None) -> tuple[SchemaStep, ...]:
    text = place.table.sql
    others: list[SchemaStep] = []
    for part in parts:
        if part.step is not None:
            others.append(part.step)
        elif part.edit is not None:
            try:
                text = part.edit(text)
            except DdlError as error:
                raise Refused(f"the text of {place.table.name} cannot be changed like this: {error}") from error
    if text == place.table.sql:
        return tuple(others)
    values, why = {}, f"to change {place.address}"
    if change is not None and change.count:
        column = change.column
        values[column.name] = kept(f"c.{quote(column.name)}", affinity(column, place.table.strict))
        why = f"{why}; {change.words}"
    return SchemaStep("rebuild", "table", place.table.name, text, values=values, why=why), *others


def _of_tried(assumed: Assumed, place: Place, tried: Tried) -> Assumed:
    """The same, with what the text of the table is to say that was tried."""
    name, was = place.table.name, place.table.sql
    table = tried.schema.known_table(name)
    stored = stored_columns(was, table.sql) if name in tried.copied else frozenset[str]()
    return replace(assumed, every_check=tuple(checks_of(table.sql) or ()), indexes=table.indexes, stored=stored)


def _come_to_light(database: Database, place: Place, assumed: Assumed, tried: Tried) -> tuple[Left, ...]:
    """The orphans of foreign keys that SQLite could not use before, as values will be stored and compared."""
    connection, before, table = database.connection, database.schema, place.table
    stays = assumed.type is None and assumed.collation is None
    if stays or not any(fk.fault for fk in before.foreign_keys):
        return tuple(come_to_light(StoredKeys(connection), before, tried.schema))
    columns = [column.name for column in table.columns]
    with stored_anew(connection, before, table, columns, assumed_column(place, assumed)) as then:
        return tuple(come_to_light(StoredKeys(connection, {folded(table.name): then}), before, tried.schema))


def _require_just(facts: Iterable[SchemaFact], place: Place, parts: Iterable[Part]) -> None:
    """Raise Refused where anything becomes different that was not wished, or something wished does not."""
    wanted = {part.fact for part in parts}
    also = {fact for what in wanted for fact in AND_SO.get(what, ())}
    indexes = {part.step.name for part in parts if part.step is not None}
    own, met = {*map(folded, place.columns)}, set[str]()
    for fact in facts:
        if fact.kind == "index" and fact.name in indexes:
            met.add("index")
            continue
        columns = {*map(folded, fact.place)}
        here = fact.kind == "table" and fact.name == place.table.name
        if here and fact.what in wanted and (columns <= own or fact.what == "check"):
            met.add(fact.what)
        elif not (here and fact.what in also and columns & own):
            where = address(fact.name, fact.place) if fact.place else fact.name
            raise Refused(f"this would also change the {fact.what} of {where}", "nothing was changed")
    if missing := sorted(wanted - met):
        if missing == ["not null"]:
            raise Refused(f"{place.address} is a part of the primary key, and SQLite keeps it NOT NULL")
        raise Refused(f"SQLite makes no other {missing[0]} of {place.address} by that", "nothing was changed")


def _require_usable(database: Database, place: Place, after: Schema, is_new: bool) -> ForeignKey | None:
    """The foreign key that is new; raise Refused where SQLite cannot use it, or another one no longer."""
    new: ForeignKey | None = None
    before = {key.subject for key in database.schema.foreign_keys if not key.fault}
    for key in after.foreign_keys:
        own = folded(key.child) == folded(place.table.name) and key.child_columns == place.columns
        if is_new and own and key.subject not in before:
            if key.fault:
                raise _unusable(database, key)
            new = key
        elif key.fault and key.subject in before:
            where = address(key.child, key.child_columns)
            raise Refused(f"{where} references {address(key.parent, key.parent_columns)}, which has to stay as it is")
    return new


def _unusable(database: Database, key: ForeignKey) -> Refused:
    """Why SQLite cannot use a foreign key that is to be declared."""
    parent = address(key.parent, key.parent_columns) if key.parent_columns else key.parent
    table, fault = database.schema.table(key.parent), key.fault
    if fault is None or fault.check != "parent-key-not-unique" or table is None:
        return Refused(f"SQLite cannot use a foreign key to {parent}")
    said = {
        "no primary key": f"{key.parent} has no primary key",
        "partial": f"only an index over some of its rows makes {parent} unique",
        "collation": f"the index that makes {parent} unique compares in another way than the column",
        "expression": f"only an index over an expression makes {parent} unique",
    }.get(fault.detail, f"{parent} is neither a primary key nor unique")
    if fault.detail == "no primary key":
        return Refused(said, "name the key: --references 'parent(key)'")
    unique = command_line(
        ("alter", typed_place(database.schema, table.name, key.parent_columns), "--unique"), database.name
    )
    return Refused(said, f"make it unique first: {unique}")


def _require_no_null_in_required(place: Place, wish: Wish) -> None:
    """Raise Refused for an action that writes NULL into what is NOT NULL: each delete of a parent would fail."""
    if wish.no_references or not (wish.not_null or wish.on_delete or wish.on_update):
        return
    columns = [*map(place.table.known_column, place.columns)]
    required = wish.not_null if wish.not_null is not None else any(column.not_null for column in columns)
    default = wish.default is not None or (not wish.no_default and all(column.default for column in columns))
    to_null = {"SET NULL"} if default else {"SET NULL", "SET DEFAULT"}
    said = (
        (wish.on_delete, "--on-delete", place.key and place.key.on_delete),
        (wish.on_update, "--on-update", place.key and place.key.on_update),
    )
    for typed, option, now in said:
        action = action_of(typed, option) if typed is not None else now
        if required and action in to_null:
            event, without = option[2:].replace("-", " ").upper(), "" if action == "SET NULL" else " without a DEFAULT"
            raise Refused(
                f"{event} {action} of what is NOT NULL{without} would make every {event[3:].lower()} of a parent fail",
                f"choose another action too: {option} cascade, or {option} restrict",
            )
