"""Write a new check and its test from a template: `make new-check NAME=my-check` runs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

CHECK = '''"""# {name}

**What it finds.** Values that begin with a blank, in columns whose type is EXAMPLE.

**Why it matters.** What fails, for whom, and with which message.

**Example.** `thing.label` of row 7 is `' x'`.

**How it is repaired and what that loses.** It is reported: what was meant, nobody but you can say.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.sql.literals import quote
from sqlfix.text import plural


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column of that type."""
    for column in table.columns:
        if column.type.upper() == "EXAMPLE" and not column.generated:
            yield Condition((column.name,), f"c.{{quote(column.name)}} LIKE ' %'")


def message(finding: Finding) -> str:
    """How many values there are."""
    values = f"{{plural(finding.count, 'value')}} of {{finding.table}}.{{finding.columns[0]}}"
    return f"{{values}} {{'begins' if finding.count == 1 else 'begin'}} with a blank"


def hint(finding: Finding) -> str | None:
    """What to do."""
    return None


# HINT where it may be wrong, ERROR where SQLite or the application fails on such a row
CHECKS.add("{name}", Check(Severity.WARNING, __doc__, message, hint, conditions=conditions))
'''

TEST = '''"""The check {name}: where it finds nothing, and what it finds elsewhere."""

from __future__ import annotations

from support import check_finds

CLEAN = {{
    "no such value": "CREATE TABLE t (a EXAMPLE); INSERT INTO t VALUES ('x'), (''), (NULL)",
    "a column of another type": "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (' x')",
}}
FOUND = {{
    "two rows": ("CREATE TABLE t (a EXAMPLE); INSERT INTO t VALUES (' x'), ('y'), (' ')", [("t.a", 2)]),
}}

test_{module} = check_finds("{name}", CLEAN, FOUND)
'''

NEXT = """{check}
{test}

Now write down when it is wrong, in CLEAN and FOUND, and then what it asks. docs/architecture.md tells how.
  .venv/bin/python -m pytest {test}
  docs/scan.md                                                      # a line in the table of all checks
  .venv/bin/python -m pytest tests/test_docs.py --rewrite-goldens   # its page in docs/checks.md
  make check                                                        # all that must hold"""


def main(name: str) -> str | None:
    """Write both files; what is wrong with the name, or None."""
    if not NAME.fullmatch(name):
        return f"no name of a check: {name!r}; it is small letters, digits and hyphens: make new-check NAME=my-check"
    module = name.replace("-", "_")
    check, test = Path(f"sqlfix/checks/{module}.py"), Path(f"tests/checks/test_{module}.py")
    for path in (check, test):
        if (ROOT / path).exists():
            return f"{path} is there already"
    for path, template in ((check, CHECK), (test, TEST)):
        (ROOT / path).write_text(template.format(name=name, module=module), encoding="utf-8")
    print(NEXT.format(check=check, test=test))
    return None


if __name__ == "__main__":
    wrong = main(sys.argv[1] if len(sys.argv) == 2 else "")
    sys.exit(f"error: {wrong}" if wrong else 0)
