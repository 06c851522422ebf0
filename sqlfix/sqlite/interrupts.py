"""Ctrl-C and the like: they stop the work anywhere, but never come between a commit and the note of it."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
"""The signals that end a job in good order; a terminal that is closed sends the last."""


class _State:
    __slots__ = ("committed", "held", "received")

    def __init__(self) -> None:
        self.received: list[int] = []
        self.held = 0
        self.committed = False


_state = _State()


def begin() -> None:
    """Forget what was: a new job begins."""
    _state.received.clear()
    _state.committed = False


def listen() -> None:
    """Let the others do what Ctrl-C does: what was begun is taken back. Under nohup no closed terminal ends it."""
    for number in STOPPING:
        if number in STOPPING[:2] or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _receive)


def ignore() -> None:
    """The job is over and its exit code is settled: a signal comes too late from now on."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _receive(number: int, frame: FrameType | None) -> None:
    _state.received.append(number)
    if not _state.held:
        raise KeyboardInterrupt


def pending() -> bool:
    """True if a signal has come which has not had its way: it is held, or what it raised was swallowed by SQLite."""
    return bool(_state.received) and not _state.committed


def ended_by() -> int:
    """The signal that ended the job: Ctrl-C, if no other came."""
    return next((number for number in STOPPING[1:] if number in _state.received), signal.SIGINT)


def note_commit() -> None:
    """From here on it is too late to stop."""
    _state.committed = True


def was_committed() -> bool:
    """True once it was too late to stop."""
    return _state.committed


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let signals wait until the block is over. They have their way then, unless something was committed in it.

    One that had its way before the block does not have it again where a generator is only cleared away, since nobody
    could catch it there: the exception that it raised is on its way already.
    """
    ours = threading.current_thread() is threading.main_thread()
    own = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not ours:  # signals only ever reach the main thread
        yield
        return
    _state.held += 1
    before = len(_state.received)
    if own:
        signal.signal(signal.SIGINT, _receive)
    try:
        yield
    finally:
        if own:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        _state.held -= 1
        cleared = isinstance(sys.exc_info()[1], GeneratorExit) and len(_state.received) == before
        if not _state.held and pending() and not cleared:
            raise KeyboardInterrupt


@contextlib.contextmanager
def giving_back() -> Iterator[contextlib.ExitStack]:
    """A stack of what is to be given back when the block is over, whatever ends it; signals wait meanwhile."""
    stack = contextlib.ExitStack()
    try:
        try:
            yield stack
        except BaseException as error:
            _give_back(stack, error)
            raise
        else:
            _give_back(stack)
    finally:  # a Ctrl-C can come when the block is over, and before signals have to wait
        _give_back(stack)


@held()
def _give_back(stack: contextlib.ExitStack, error: BaseException | None = None) -> None:
    """Give back what is left in a stack: what has been given back already is not in it any more."""
    stack.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
