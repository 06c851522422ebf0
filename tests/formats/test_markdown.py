"""Markdown: complete, and no name becomes markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import pytest
from formats import samples
from hypothesis import given
from hypothesis import strategies as st
from support import together

from sqlfix.formats.markdown import escaped
from sqlfix.prose.format import FaultyRows, View, written
from sqlfix.text import shown

VIEW = View()
FULL = """\
## shop.sqlite3: 4 of 5 relationships are broken

| relationship | orphans | of rows | keys | ON DELETE | fix |
| --- | ---: | ---: | ---: | --- | --- |
| orders.customer_id → customers.id | 204,920 | 300,000 | 5 | CASCADE | delete-rows |
| book_author.book_id → books.id (join table, carries data) | 7 | 40 | 2 | CASCADE | delete-rows |
| lines.(order_id, order_year) → orders.(id, year) | 3 | 300,000 | 1 | SET NULL | set-null |
| log.user_id → auth_user\\_\\_old.id | - | - | - | NO ACTION | repair-schema |

### Findings

- **warning** placeholder-values: 3 rows of lines refer by order_id, order_year to orders
  - hint: look at orders
- **error** missing-parent-table: 0 rows of log refer by user_id to auth_user\\_\\_old
  - hint: look at auth_user\\_\\_old

### Not checked

| what | reason |
| --- | --- |
| log.user_id | the parent table auth_user\\_\\_old does not exist |

4 of 5 relationships checked, 204,930 orphans in 3 of them, 1 other fault, 1 could not be checked.
"""
PLAN = """\
## shop.sqlite3: 5 fixes planned, rehearsed on a copy

1. rebuild the indexes of authors (reindex, lossless)
2. delete 1 row of orders: no parent in customers (customer_id) (delete-rows, declared)
3. delete 12 link rows of book_author: no parent in books (book_id); carries data beyond the link \
(delete-rows, declared)
4. delete 3 link rows of book_author: no parent in books (book_id); follows from the above (delete-rows, declared)
5. set 5 values of lines.order_id to NULL: they mean "none" (set-null, choice)

| table | before | after | deleted | changed | by triggers |
| --- | ---: | ---: | ---: | ---: | ---: |
| orders | 1,000 | 1,001 | 1 | 0 | +2 |
| book_author | 40 | 25 | 15 | 0 | - |
| lines | 300 | 300 | 0 | 5 | - |

### Left unchanged

| check | relationship | rows | reason | hint |
| --- | --- | ---: | --- | --- |
| missing-parent-table | log.user_id → auth_user\\_\\_old.id | 0 | the schema is at fault | mend the declaration |
| orphan-rows | orders.customer_id → customers.id | 2 | match a parent but for their spelling |  |

5 fixes, 16 rows deleted, 5 rows changed, 2 rows added by the file's own triggers, 2 findings left.
"""
APPLIED = """\
## shop.sqlite3: 3 fixes applied

1. rebuilt the indexes of authors (reindex, lossless)
2. deleted 1 row of orders: no parent in customers (customer_id) (delete-rows, declared)
3. set 5 values of lines.order_id to NULL: they mean "none" (set-null, choice)

| table | before | after | deleted | changed | by triggers |
| --- | ---: | ---: | ---: | ---: | ---: |
| orders | 9 | 8 | 1 | 0 | - |

3 fixes, 1 row deleted, nothing left.

Backup: shop.backup
"""


@together
@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param(
            written("markdown", samples.NO_KEYS, VIEW),
            "## shop.sqlite3: no faults found; there are no foreign keys to check\n",
            id="no foreign keys",
        ),
        pytest.param(
            written("markdown", samples.CLEAN, VIEW),
            "## shop.sqlite3: no faults found\n\n2 of 2 relationships checked, nothing found.\n",
            id="nothing found",
        ),
        pytest.param(written("markdown", samples.FULL, VIEW), FULL, id="a report of everything"),
        pytest.param(
            written("markdown", FaultyRows("shop", ()), VIEW),
            "## shop: faulty rows\n\nNo faulty rows.\n",
            id="no faulty rows",
        ),
        pytest.param(
            written("markdown", FaultyRows("shop", samples.ROWS[:1]), VIEW),
            "## shop: faulty rows\n\n| check | relationship | row | values |\n| --- | --- | --- | --- |\n"
            "| orphan-rows | orders.customer_id → customers.id | id=1 | customer_id=99 |\n",
            id="a faulty row",
        ),
        pytest.param(
            written("markdown", samples.NO_PLAN, VIEW), "## shop.sqlite3: nothing to repair\n", id="an empty plan"
        ),
        pytest.param(written("markdown", samples.FULL_PLAN, VIEW), PLAN, id="a plan of everything"),
        pytest.param(written("markdown", samples.APPLIED, VIEW), APPLIED, id="a plan that was carried out"),
    ],
)
def test_text(pieces: Iterable[str], expected: str) -> None:
    assert "".join(pieces) == expected


@together
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("order_items", "order_items", id="an underscore between letters"),
        pytest.param("_x_", "\\_x\\_", id="underscores around a word"),
        pytest.param("a|b", "a&#124;b", id="a pipe"),
        pytest.param("<b>&amp;", "&lt;b&gt;&amp;amp;", id="HTML"),
        pytest.param("`x` *y* [z](u)", "\\`x\\` \\*y\\* \\[z\\](u)", id="code, emphasis, a link"),
        pytest.param("http://a.b www.a.b", "http&#58;//a.b www&#46;a.b", id="addresses"),
        pytest.param("hint: x", "hint: x", id="a colon before a blank"),
        pytest.param("\\", "\\\\", id="a backslash"),
    ],
)
def test_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_escaped_reads_back(text: str) -> None:
    plain = shown(text)
    read = re.sub(r"\\([\\`*_\[\]#~$])|&\w+;|&#\d+;", lambda found: found[1] or html.unescape(found[0]), escaped(plain))
    assert read == plain
    assert not re.search(r"[<>|]|(?<!\\)(\\\\)*[`*\[\]]", escaped(plain).replace("\\\\", ""))


@together
@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in samples.HOSTILE.items()])
def test_hostile_names_stay_in_their_cells(name: str) -> None:
    report, rows, plan = samples.hostile(name)
    plain = samples.hostile("plain")
    for hostile, harmless in (
        (written("markdown", report, VIEW), written("markdown", plain[0], VIEW)),
        (written("markdown", FaultyRows(name, rows), VIEW), written("markdown", FaultyRows("plain", plain[1]), VIEW)),
        (written("markdown", plan, VIEW), written("markdown", plain[2], VIEW)),
    ):
        lines, expected = ("".join(pieces).split("\n") for pieces in (hostile, harmless))
        assert [shape(line) for line in lines] == [shape(line) for line in expected]
        assert not any(re.search(r"<|(?<!\\)`|://", line.replace("\\\\", "")) for line in lines)


def shape(line: str) -> tuple[str, int]:
    """How a line begins, and how many cells it has."""
    return line[:2], line.count("|")
