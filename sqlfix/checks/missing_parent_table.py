"""# missing-parent-table

**What it finds.** A foreign key that references a table that does not exist, and the table that it was most likely
meant for: one with the same name, apart from what migrations add to it (`x__old`, `x_old`, `new__x`, `x_backup`, …).

**Why it matters.** Every insert and many updates of the child table fail with `no such table: main.x__old`, even with a
NULL key, and `PRAGMA foreign_key_check` lists every child row as an orphan. None of them is one: the schema is at
fault.

**Example.** `admin_log.user_id` references `auth_user__old`, which a rename left behind; `auth_user` exists.

**How it is repaired and what that loses.** By `sqlfix repair-schema`, which touches no row. If the table itself is
there under a name that a migration or a backup gave it (`_alembic_tmp_x`, `x_backup`), it gets its name back. If the
foreign key has such a name (`x__old`, and there is `x`), it references `x` again. Where several tables can be meant,
you choose one with `sqlfix alter`. Until then, the rows under it are "not checked".
"""

from collections.abc import Mapping

from sqlfix.model.findings import Finding
from sqlfix.model.schema import KeyFault
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.orphans import Probe
from sqlfix.schema.leftovers import rename_back, to_be_renamed


def declared(probe: Probe, fault: KeyFault) -> Mapping[str, Fact]:
    """The table that it may have been meant for, and the one that it is under another name."""
    missing = probe.foreign_key.parent
    back = to_be_renamed(probe.schema, missing, fault.names)
    rename = rename_back(probe.schema, back, missing) if back else None
    return {"renamed": ", ".join(fault.names) or None, "leftover": back, "rename": rename}


def message(finding: Finding) -> str:
    """Which table is missing, and which it may have become."""
    text = f"{finding.table}.{', '.join(finding.columns)} references the table {finding.parent}, which does not exist"
    if leftover := finding.facts.get("leftover"):
        text += f"; {leftover} has such a key and is most likely that table, under the name that a migration gave it"
    elif renamed := finding.facts.get("renamed"):
        text += f"; it may have been meant for {renamed}, which has such a key"
    return text


def hint(finding: Finding) -> str | None:
    """No row is at fault; nor is the declaration where the table is there under another name."""
    if rename := finding.facts.get("rename"):
        table = finding.facts["leftover"]
        return (
            f"neither the rows nor the declaration are at fault: if {table} has the rows, sqlfix repair-schema gives"
            f" it the table's name back: {rename}"
        )
    if finding.facts.get("renamed"):
        return "the schema is at fault, not the rows: do not delete them; sqlfix repair-schema corrects the foreign key"
    return "do not delete the rows: the table itself may have been lost; is it in an older copy of the file?"


CHECKS.add("missing-parent-table", Check(Severity.ERROR, __doc__, message, hint, declared=declared))
