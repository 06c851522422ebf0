"""The conditions of a statement that stands in a text, read token by token. Pure.

A condition that is not understood is left out where others have to be true as well; where it is one of several that may
be, all of them are.
"""

from sqlfix.explain.errors.conditions import ALWAYS, Condition, DoubleQuoted, Query, Where, group, negated
from sqlfix.explain.errors.printed_values import UNKNOWN, Parameter, Unknown
from sqlfix.explain.errors.statement_reader import GOES_ON, PARAMETERS, WHERE, Reader
from sqlfix.model.values import Value

_DEEPEST = 20
_OPERATORS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def read_where(reader: Reader, depth: int = 0) -> Where | None:
    """The conditions that are next; None where none of them is understood.

    Args:
        depth: in how many parentheses they stand.
    """
    reader.in_where = True
    found = _any(reader, depth) if not reader.unsure else None
    if reader.unsure:
        reader.reasons[WHERE] = None
    return None if found is ALWAYS or reader.unsure else found


def _any(reader: Reader, depth: int) -> Where | None:
    """Conditions of which one has to be true: all of them are understood, or none is taken."""
    parts = [_all(reader, depth)]
    while reader.take("or"):
        parts.append(_all(reader, depth))
    if any(part is None for part in parts):
        return None
    if any(part is ALWAYS for part in parts):
        return ALWAYS
    return group("OR", (part for part in parts if part is not None))


def _all(reader: Reader, depth: int) -> Where | None:
    parts = [_term(reader, depth)]
    while reader.take("and"):
        parts.append(_term(reader, depth))
    if all(part is ALWAYS for part in parts):
        return ALWAYS
    return group("AND", (part for part in parts if part is not None and part is not ALWAYS))


def _term(reader: Reader, depth: int) -> Where | None:
    begin, reader.hidden = reader.at, False
    denied = False
    while reader.take("not"):
        denied = not denied
    before, reader.reasons = reader.reasons, {}
    found = _of_a_row(reader) or _nested(reader, depth) or _predicate(reader, depth)
    if denied and found is not None:  # what is not wholly understood cannot be turned round
        found = negated(found) if found is not ALWAYS and not reader.reasons else None
    reader.reasons = before | reader.reasons
    if found is None or reader.peek().word in GOES_ON:
        reader.reasons[PARAMETERS if reader.hidden else WHERE] = None
        reader.at = begin
        reader.skip_term()
        return None
    return found


def _nested(reader: Reader, depth: int) -> Where | None:
    """Conditions in parentheses."""
    begin, reasons = reader.at, dict(reader.reasons)
    if depth < _DEEPEST and reader.take("("):
        found = _any(reader, depth + 1)
        if found is not None and reader.take(")"):
            return found
    reader.at, reader.reasons = begin, reasons
    return None


def _of_a_row(reader: Reader) -> Where | None:
    """``(a, b) = (1, 2)``, or ``IN (VALUES (1, 2), (3, 4))``, where it is all of a condition."""
    begin = reader.at
    columns = reader.in_parentheses(reader.column)
    denied = len(columns) > 1 and reader.take("not")
    rows: list[list[Parameter]] = []
    if len(columns) > 1 and reader.take("in") and reader.take("("):
        reader.take("values")
        rows = reader.rows(0)
        rows = rows if reader.take(")") else []
    elif len(columns) > 1 and not denied and reader.peek().word in ("=", "==", "<>", "!="):
        denied = _OPERATORS[reader.peek().word] == "<>"
        reader.at += 1
        rows = [reader.row(0)]
    values = [[(value,) for value in row if not isinstance(value, Unknown)] for row in rows]
    if not values or any(len(row) != len(columns) for row in values):
        reader.at = begin
        return None
    same = (
        group("AND", (Condition(name, "=", value) for name, value in zip(columns, row, strict=True))) for row in values
    )
    found = group("OR", (one for one in same if one is not None))
    return negated(found) if denied and found is not None else found


def _predicate(reader: Reader, depth: int) -> Where | None:
    begin = reader.at
    column = reader.column()
    found = _compared(reader, column, depth) if column is not None else None
    if found is None:
        reader.at = begin
        value = reader.literal()
        operator = _OPERATORS.get(reader.peek().word)
        if operator and not isinstance(value, Unknown) and not isinstance(value, DoubleQuoted):
            reader.at += 1
            if (name := reader.column()) is not None:  # 7 = id
                return Condition(name, _FLIPPED.get(operator, operator), (value,))
            if operator == "=" and value is not None and reader.value() == value:  # 1 = 1
                return ALWAYS
        reader.at = begin
    return found


def _compared(reader: Reader, column: str, depth: int) -> Where | None:
    if operator := _OPERATORS.get(reader.peek().word):
        reader.at += 1
        value = reader.bare_value()
        return _with(column, operator, reader.value() if isinstance(value, Unknown) else value)
    if reader.take("isnull"):
        return Condition(column, "IS", (None,))
    if reader.take("notnull"):
        return Condition(column, "IS NOT", (None,))
    if reader.take("is"):
        operator = "IS NOT" if reader.take("not") else "IS"
        return _with(column, operator, reader.value())
    denied = reader.take("not")
    if reader.take("between"):
        low = reader.literal()
        high = reader.value() if reader.take("and") else UNKNOWN
        from_, to = _with(column, ">=", low), _with(column, "<=", high)
        within = group("AND", (from_, to)) if from_ and to else None
        return negated(within) if within and denied else within
    if reader.take("in"):
        return _in(reader, column, "NOT IN" if denied else "IN", depth)
    for word in ("like", "glob"):
        if reader.take(word):
            return _like(reader, column, f"NOT {word.upper()}" if denied else word.upper())
    return None


def _with(column: str, operator: str, value: Parameter) -> Condition | None:
    return None if isinstance(value, Unknown) else Condition(column, operator, (value,))


def _like(reader: Reader, column: str, operator: str) -> Condition | None:
    """A pattern, and the character of its ESCAPE."""
    pattern = reader.literal()
    if not isinstance(pattern, str):
        return None
    if not reader.take("escape"):
        return Condition(column, operator, (pattern,))
    escape = reader.literal()
    fits = operator.endswith("LIKE") and isinstance(escape, str) and len(escape) == 1
    return Condition(column, operator, (pattern, escape)) if fits and isinstance(escape, str) else None


def _in(reader: Reader, column: str, operator: str, depth: int) -> Where | None:
    if reader.peek().word == "(" and reader.peek(1).word == "select":
        return _in_query(reader, column, operator, depth)
    if reader.peek().word == "(" and reader.peek(1).word == ")":
        reader.at += 2
        return Condition(column, operator)

    def known() -> tuple[Value] | None:
        value = reader.value()
        return None if isinstance(value, Unknown) else (value,)

    values = reader.in_parentheses(known)
    return Condition(column, operator, tuple(one for (one,) in values)) if values else None


def _in_query(reader: Reader, column: str, operator: str, depth: int) -> Condition | None:
    """``IN (SELECT a FROM t WHERE …)``: one plain column of one table."""
    reader.at += 2
    reasons, called, alone = dict(reader.reasons), reader.called, reader.alone
    reader.take("distinct")
    qualified = reader.qualified()
    table = reader.name() if qualified and reader.take("from") else None
    if qualified is None or table is None or depth >= _DEEPEST:
        return None
    reader.alone, reader.reasons = True, {}
    reader.source(table)
    of_it = reader.is_own(qualified[0])
    has_where = reader.take("where")
    where = read_where(reader, depth + 1) if has_where else None
    whole = not reader.reasons and (where is not None or not has_where)
    reader.called, reader.alone, reader.reasons = called, alone, reasons
    limited = reader.peek().word in ("limit", "order")
    if limited:
        reader.skip_to(")")
    if not of_it or not reader.take(")") or (operator == "NOT IN" and not whole):
        return None
    if not whole:
        reader.reasons[WHERE] = None
    return Condition(column, operator, query=Query(qualified[1], table, where, limited))
