"""The errors that the command line turns into one line on stderr and an exit code."""

import os


class SqlfixError(Exception):
    """Something that stops the job; printed as ``error: message`` and, if given, ``hint: hint``.

    Args:
        message: what is wrong, one sentence, without a full stop at the end.
        hint: what to do about it, or None.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotADatabase(SqlfixError):
    """The path is missing, no file, not SQLite, encrypted, empty or cut short."""


class Malformed(SqlfixError):
    """SQLite itself says that the file's structure is damaged."""


class Locked(SqlfixError):
    """Another program holds a lock, and kept it for longer than the time-out."""


class Refused(SqlfixError):
    """A choice that cannot be carried out, or a question nobody was there to answer."""


class RolledBack(SqlfixError):
    """A repair was given back whole: a statement failed, or what it did was not what was planned."""


def internal_error(error: Exception) -> SqlfixError:
    """What is said of a fault of sqlfix's own; with SQLFIX_DEBUG it is raised again, and Python shows where it was."""
    if os.environ.get("SQLFIX_DEBUG"):
        raise error
    return SqlfixError(f"internal error: {type(error).__name__}: {error}", "SQLFIX_DEBUG=1 shows where")
