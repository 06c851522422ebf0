"""Sums over files, which are worked out while something else is done."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import pytest

from sqlfix.repair import sums
from sqlfix.repair.sums import (
    Over,
    content_sum,
    copy_file,
    file_pieces,
    has_content,
    is_file,
    meanwhile,
)


def test_a_sum_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 3_000_000)
    with meanwhile(lambda is_over: file_pieces(path, is_over).sum) as wait:
        assert wait() == wait() == file_pieces(path).sum


SIZES = [0, 1, 6, 7, 8, 14, 50]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces and blocks of a few bytes, and three threads."""
    monkeypatch.setattr(sums, "PIECE", 7)
    monkeypatch.setattr(sums, "BLOCK", 3)
    monkeypatch.setattr(sums, "cores", lambda: 3)


def spoiled(content: bytes) -> list[bytes]:
    """The same with a byte that is another one, each of them in turn; and some that are shorter, longer or moved."""
    changed = [content[:place] + b"\xff" + content[place + 1 :] for place in range(len(content))]
    changed += [content[:-1], content[1:], content[7:] + content[:7], content[7:], content[:7]] if content[7:] else []
    return [*changed, content + b"\0", content + bytes(7)]


@pytest.mark.parametrize("size", SIZES)
def test_a_sum_is_over_the_sums_of_pieces_and_each_byte_counts(tmp_path: Path, small: None, size: int) -> None:
    path, content = tmp_path / "x", bytes(range(size))

    def sum_of(stored: bytes) -> str:
        path.write_bytes(stored)
        return file_pieces(path).sum

    pieces = [content[start : start + 7] for start in range(0, size, 7)]
    told = size.to_bytes(8, "big") + b"".join(hashlib.blake2b(each, digest_size=32).digest() for each in pieces)
    was = sum_of(content)
    assert was == ("q" + hashlib.blake2b(told, digest_size=32).hexdigest())[:64]
    assert is_file(path, was)
    assert was not in set(map(sum_of, spoiled(content)))
    assert not is_file(path, was)


@pytest.mark.parametrize("size", SIZES)
def test_a_copy_has_each_byte(tmp_path: Path, small: None, size: int) -> None:
    path, copy, content, told = tmp_path / "x", tmp_path / "copy", bytes(range(size)), list[tuple[int, int]]()
    path.write_bytes(content)
    copy.touch()
    with path.open("rb", buffering=0) as file:
        assert copy_file(file, copy, lambda left, all_of_it: told.append((left, all_of_it)))
        assert copy.read_bytes() == content
        assert file_pieces(copy, threads=1).sum == file_pieces(path).sum
        assert {all_of_it for _, all_of_it in told} <= {size}
        assert all(0 <= left < size for left, _ in told)


@pytest.mark.parametrize("place", [0, 6, 7, 13, 19])
@pytest.mark.parametrize("more", ["another byte", "a byte less", "a byte more"])
def test_a_copy_that_does_not_hold_each_byte_is_noticed(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch, place: int, more: str
) -> None:
    path, copy, write = tmp_path / "x", tmp_path / "copy", sums._Shared.write
    path.write_bytes(bytes(range(1, 21)))
    copy.write_bytes(bytes(21) if more == "a byte more" else b"")

    def faulty(self: sums._Shared, at: int, block: bytes) -> None:
        if more != "a byte more" and at <= place < at + len(block):
            block = block[: place - at] + (b"x" + block[place - at + 1 :] if more == "another byte" else b"")
        write(self, at, block)

    monkeypatch.setattr(sums._Shared, "write", faulty)
    with path.open("rb", buffering=0) as file:
        assert not copy_file(file, copy)


@pytest.mark.parametrize("size", SIZES)
def test_a_sum_is_the_same_whatever_file_it_is_compared_with(tmp_path: Path, small: None, size: int) -> None:
    """Also where that one is another file than its sums say: then they are not taken."""
    path, other, content = tmp_path / "x", tmp_path / "other", bytes(range(size))
    path.write_bytes(content)
    for stored in (content, *spoiled(content)):
        other.write_bytes(stored)
        like = file_pieces(other)
        with path.open("rb", buffering=0) as file:
            assert content_sum(file, path, like=like) == file_pieces(path).sum
            other.write_bytes(b"\xfe" * len(stored))
            assert content_sum(file, path, like=like) == file_pieces(path).sum
            other.unlink()
            assert content_sum(file, path, like=like) == file_pieces(path).sum


def test_only_what_differs_is_summed(tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = tmp_path / "x", tmp_path / "other"
    path.write_bytes(bytes(50))
    other.write_bytes(bytes(30) + b"x" + bytes(4))
    like, summed = file_pieces(other), list[object]()
    monkeypatch.setattr(sums, "_digest", lambda: summed.append(0) or hashlib.blake2b(digest_size=32))  # type: ignore[func-returns-value]
    with path.open("rb", buffering=0) as file:
        content_sum(file, path, like=like)
    assert len(summed) == 1 + len("xxxx"), "of 8 pieces, the last 4; and the sum of the sums"


def test_what_stands_in_a_wal_counts_as_well(tmp_path: Path) -> None:
    path, wal = tmp_path / "x", tmp_path / "x-wal"

    def sum_of(stored: bytes, side: bytes) -> str:
        path.write_bytes(stored)
        wal.write_bytes(side)
        with path.open("rb") as file:
            found = content_sum(file, path)
            assert has_content(file, path, found)
            assert not has_content(file, path, found[::-1])
            assert not has_content(file, path, None)
        return found

    cases = [(b"ab", b"c"), (b"a", b"bc"), (b"abc", b""), (b"ab", b"d")]
    assert len({sum_of(*each) for each in cases}) == len(cases)
    assert sum_of(b"abc", b"") == file_pieces(path).sum


def test_the_sum_of_an_older_record_is_over_all_bytes_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 3_000_000)
    told = hashlib.blake2b(b"x" * 3_000_000, digest_size=32).hexdigest()
    assert is_file(path, told)
    (tmp_path / "x-wal").write_bytes(b"y")
    with path.open("rb") as file:
        assert not has_content(file, path, told)
        assert has_content(file, path, hashlib.blake2b(b"x" * 3_000_000 + b"y", digest_size=32).hexdigest())


def test_of_a_database_all_counts_but_the_counters_that_go_on_with_each_commit(tmp_path: Path) -> None:
    """Those of the header: a sum of an older record is over them, too."""
    path, content = tmp_path / "x", b"SQLite format 3\0" + bytes(range(16, 120))
    path.write_bytes(content)
    was = file_pieces(path).sum
    told = len(content).to_bytes(8, "big") + hashlib.blake2b(content, digest_size=32).digest()
    older = ("p" + hashlib.blake2b(told, digest_size=32).hexdigest())[:64]
    assert is_file(path, was) and is_file(path, older)
    counters = {*range(24, 28), *range(40, 44), *range(92, 100)}
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert is_file(path, was) == (place in counters), place
        assert not is_file(path, older)


def test_what_goes_wrong_is_raised_where_the_sum_is_asked_for(tmp_path: Path) -> None:
    with meanwhile(lambda is_over: file_pieces(tmp_path / "gone", is_over)) as wait, pytest.raises(FileNotFoundError):
        wait()
    with meanwhile(lambda is_over: file_pieces(tmp_path / "gone", is_over)):
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
