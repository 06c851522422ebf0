"""What a program calls: open a file, and scan, plan, explain, repair and undo it, with values in and values out.

Nothing here prints or asks. What cannot be done is a `SqlfixError`. Progress is told to a function that is given; one
that raises, given to `open_database` or in a `Watcher`, stops the work. docs/api.md shows how it is used.
"""

from __future__ import annotations

__all__ = (
    *("SqlfixError", "Database", "open_database"),
    *("Asked", "Scope", "Scan", "scan"),
    *("Choice", "Policy", "Plan", "plan", "merge"),
    *("explain_row", "explain_table", "explain_error"),
    *("ChangeOptions", "Watcher", "repair"),
    *("records_beside", "choose", "look", "undo"),
    *("Answer", "Script", "View", "written"),
)
