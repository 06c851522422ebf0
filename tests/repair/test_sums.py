"""Sums over files, which are worked out while something else is done."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import pytest

from sqlfix.repair.sums import Over, file_sum, meanwhile


def test_a_sum_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 3_000_000)
    with meanwhile(lambda is_over: file_sum(path, is_over)) as wait:
        assert wait() == wait() == hashlib.blake2b(b"x" * 3_000_000, digest_size=32).hexdigest() == file_sum(path)


def test_what_goes_wrong_is_raised_where_the_sum_is_asked_for(tmp_path: Path) -> None:
    with meanwhile(lambda is_over: file_sum(tmp_path / "gone", is_over)) as wait, pytest.raises(FileNotFoundError):
        wait()
    with meanwhile(lambda is_over: file_sum(tmp_path / "gone", is_over)):
        pass  # nobody asks


def test_it_ends_with_the_block_also_where_that_fails(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(is_over: Over) -> str:
        begun.set()
        while not is_over():
            time.sleep(0.001)
        ended.set()
        return ""

    with pytest.raises(KeyboardInterrupt), meanwhile(work):
        begun.wait()
        raise KeyboardInterrupt
    assert ended.is_set()
