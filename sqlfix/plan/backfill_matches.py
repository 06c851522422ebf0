"""Parents that are there already: where the templates name exactly one, no new one is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.frozen import frozen
from sqlfix.plan.backfill_names import kept_value, unique_columns, value_of
from sqlfix.plan.backfill_wish import Wish
from sqlfix.plan.new_keys import NewKeys
from sqlfix.sql.literals import quote
from sqlfix.sql.own_names import free_name
from sqlfix.sql.predicates import gathered_keys, has_values, is_row_of
from sqlfix.sql.statements import gather


@frozen
class Matches:
    """Temporary tables of the numbers ``n`` of new parents that need not, or cannot, be made.

    ``found``: all of those. ``linked``: those with one parent, and its key ``p0, …``. ``several``: of more than one
    parent; ``contested``: the one parent is another row's already, or another row wants it, too, of a UNIQUE reference.
    ``beneath``: with the one parent the row would come beneath itself, in a tree. ``columns`` are those that were
    compared.
    """

    columns: tuple[str, ...]
    found: str
    linked: str
    several: str
    contested: str
    beneath: str


def find_matches(wish: Wish, rows: str, source: str, keys: NewKeys) -> Matches:
    """Look for parents that have what the templates say, in every column that tells parents apart.

    Args:
        rows: the temporary table of the rows without a parent, each with the number ``n`` of the one that it would get.
        source: a FROM clause with the first row ``c`` for which a new parent would be made, and its number ``r.n``.
        keys: notes the temporary tables, and makes them.
    """
    columns = unique_columns(wish) or tuple(wish.templates)
    words = ("wanted", "found", "alone", "linked", "several", "contested", "beneath")
    wanted, found, alone, linked, several, contested, beneath = (
        keys.temporary(f"sqlfix_backfill_{word}") for word in words
    )
    values, same = _compared(wish, columns)
    keys.run(gather(wanted, f"SELECT r.n AS n, {', '.join(values)} {source}", "n"))
    above = wish.foreign_key.parent_columns
    listed = ", ".join(f"p.{quote(name)} AS p{place}" for place, name in enumerate(above))
    joined = f"FROM temp.{wanted} AS v CROSS JOIN {quote(wish.parent.name)} AS p ON {' AND '.join(same)}"
    keys.run(gather(found, f"SELECT v.n AS n, count(*) AS parents, {listed} {joined} GROUP BY v.n", "n"))
    keys.run(gather(alone, _one_parent(wish, found), "n"))
    none = gather(beneath, f"SELECT n FROM temp.{alone} LIMIT 0", "n")
    keys.run(_beneath(wish, rows, alone, beneath) if wish.is_tree else none)
    keys.run(gather(linked, f"SELECT * FROM temp.{alone} WHERE n NOT IN (SELECT n FROM temp.{beneath})", "n"))
    keys.run(gather(several, f"SELECT n FROM temp.{found} WHERE parents > 1", "n"))
    others = f"SELECT n FROM temp.{found} WHERE parents = 1 AND n NOT IN (SELECT n FROM temp.{alone})"
    keys.run(gather(contested, others, "n"))
    return Matches(columns, found, linked, several, contested, beneath)


def _compared(wish: Wish, columns: Iterable[str]) -> tuple[list[str], list[str]]:
    """What of the child is compared, ``v0, …`` and the parts of its key ``h0, …``, and when the parent ``p`` has it."""
    fk, values, same = wish.foreign_key, [], []
    for place, name in enumerate(columns):
        values.append(f"{value_of(wish, name)} AS v{place}")
        same.append(f"p.{quote(name)} = +v.v{place}")
    for place, (own, above) in enumerate(zip(fk.child_columns, fk.parent_columns, strict=True)):
        same.append(f"p.{quote(above)} IS NOT NULL")
        if len(fk.child_columns) > 1:
            values.append(f"{kept_value(wish, own)} AS h{place}")
            same.append(f"(v.h{place} IS NULL OR p.{quote(above)} = +v.h{place})")
    return values, same


def _one_parent(wish: Wish, found: str) -> str:
    """A query for the numbers of one parent, with its key; of a UNIQUE reference one that nobody else wants or has."""
    fk, parent = wish.foreign_key, quote(wish.parent.name)
    keys = [f"p{place}" for place in range(len(fk.parent_columns))]
    one = f"SELECT f.n, {', '.join(f'f.{key}' for key in keys)} FROM temp.{found} AS f WHERE f.parents = 1"
    if not wish.one_to_one:
        return one
    alone = f"SELECT n, count(*) OVER (PARTITION BY {', '.join(keys)}) AS wanting FROM ({one})"
    parents = has_values(fk, [f"+o.{quote(own)}" for own in fk.child_columns])
    of_key = " AND ".join(f"p.{quote(above)} = f.{key}" for key, above in zip(keys, fk.parent_columns, strict=True))
    free = f"NOT EXISTS (SELECT 1 FROM {parent} AS p JOIN {quote(fk.child)} AS o ON {parents} WHERE {of_key})"
    return f"{one} AND f.n IN (SELECT n FROM ({alone}) WHERE wanting = 1) AND {free}"


def _beneath(wish: Wish, rows: str, alone: str, beneath: str) -> Iterator[str]:
    """Gather the numbers of the parents that would stand beneath what is linked to them, by all of these links."""
    fk, child, links, up = wish.foreign_key, wish.child, f"{beneath}_links", free_name(wish.schema, "sqlfix_up")
    parts = range(len(fk.parent_columns))
    wanted = f"{gathered_keys(child, 'r')}, r.n AS n, {', '.join(f'a.p{part} AS p{part}' for part in parts)}"
    source = f"FROM temp.{rows} AS r JOIN temp.{alone} AS a ON a.n = r.n"
    yield from gather(links, f"SELECT {wanted} {source}", gathered_keys(child))
    here = f"FROM {up} AS u JOIN {quote(fk.parent)} AS p ON {has_values(fk, [f'+u.u{part}' for part in parts])}"
    link = f"JOIN temp.{links} AS s ON {is_row_of(child, 'p', 's')}"
    owns = enumerate(fk.child_columns)
    further = ", ".join(f"CASE WHEN s.n IS NULL THEN p.{quote(own)} ELSE s.p{part} END" for part, own in owns)
    walk = f"SELECT n, {', '.join(f'p{part}' for part in parts)} FROM temp.{alone}"
    walk += f" UNION SELECT u.n, {further} {here} LEFT {link}"
    named = f"WITH RECURSIVE {up} (n, {', '.join(f'u{part}' for part in parts)}) AS ({walk})"
    yield from gather(beneath, f"{named} SELECT DISTINCT u.n AS n {here} {link} WHERE s.n = u.n", "n")
    yield f"DROP TABLE temp.{links}"
