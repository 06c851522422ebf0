"""The checks whose findings `repair-schema` mends, in the order in which it asks their repairs.

Tables get their names back before anything is said of what speaks of them.
"""

REPAIRED = (
    "unfinished-migration",
    "missing-parent-table",
    "missing-parent-column",
    "column-count-mismatch",
    "parent-key-not-unique",
    "suspicious-declarations",
    "broken-views",
    "broken-triggers",
    "unindexed-foreign-keys",
)
WHEN_ASKED = ("cycles",)
"""What is looked for only where it is selected: nothing is wrong there."""
