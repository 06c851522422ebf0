"""Words and values put before a person: nothing that a terminal would act upon, and no line too long."""

from __future__ import annotations

import json

import pytest
from formats import samples
from hypothesis import given
from hypothesis import strategies as st
from strategies import ENCODABLE
from support import together

from sqlfix.model.values import NotUtf8
from sqlfix.text import cells, json_value, plural, shown, shown_value, wrapped


@together
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("orders", "orders", id="a plain name"),
        pytest.param("Größe 顧客 😀", "Größe 顧客 😀", id="letters beyond ASCII"),
        pytest.param("a\\b", "a\\b", id="a backslash alone"),
        pytest.param("a\\b\n", r"a\\b\n", id="a backslash beside an escape"),
        pytest.param("\x1b[31m", r"\x1b[31m", id="a terminal escape"),
        pytest.param("\x9b\x7f\x00", r"\x9b\x7f\x00", id="C1, DEL and NUL"),
        pytest.param("\t\r\n", r"\t\r\n", id="tab, carriage return, new line"),
        pytest.param("\u2028\u2029\x85", r"\u2028\u2029\x85", id="line separators"),
        pytest.param("\u200e\u200f\u202a\u202e\u2066\u2069", r"\u200e\u200f\u202a\u202e\u2066\u2069", id="bidi"),
        pytest.param("\u200b\u200d\ufeff\ufe0f", r"\u200b\u200d\ufeff\ufe0f", id="invisible"),
        pytest.param("\udc80", r"\udc80", id="a lone surrogate"),
        pytest.param("\U000e0001\U000fffff", r"\U000e0001\U000fffff", id="tags and private use"),
        pytest.param("a\xa0b", r"a\xa0b", id="a blank that does not break"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_shown_in_ascii_only() -> None:
    assert shown("Größe 😀", unicode=False) == r"Gr\xf6\xdfe \U0001f600"


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_shown_is_one_printable_line_and_final(text: str, unicode: bool) -> None:
    once = shown(text, unicode)
    assert once.isprintable()
    assert once.isascii() or unicode
    assert once.encode().decode() == once
    assert shown(once, unicode) == once


@together
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "NULL", id="NULL"),
        pytest.param(-7, "-7", id="an integer"),
        pytest.param(2**63 - 1, "9223372036854775807", id="the largest integer"),
        pytest.param(1.0, "1.0", id="a real that is whole"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param("O'Brien", "'O''Brien'", id="text with a quote"),
        pytest.param("", "''", id="empty text"),
        pytest.param("x" * 41, f"'{'x' * 40}'…", id="long text"),
        pytest.param("a\n", r"'a\n'", id="text with a new line"),
        pytest.param(b"\x00\xff", "x'00ff'", id="a blob"),
        pytest.param(bytes(17), f"x'{'00' * 16}'…", id="a long blob"),
        pytest.param(NotUtf8(b"\xe9"), "x'e9' (text, not UTF-8)", id="text that is not UTF-8"),
    ],
)
def test_shown_value(value: samples.Value, expected: str) -> None:
    assert shown_value(value) == expected


@together
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "null", id="NULL"),
        pytest.param(2**63 - 1, "9223372036854775807", id="an integer beyond 2**53"),
        pytest.param(1.0, "1.0", id="a real that is whole"),
        pytest.param(float("inf"), '{"real": "inf"}', id="infinity"),
        pytest.param(float("-inf"), '{"real": "-inf"}', id="negative infinity"),
        pytest.param("\udc80", '"\\udc80"', id="a lone surrogate"),
        pytest.param(b"\x00\xff", '{"blob": "00ff"}', id="a blob"),
        pytest.param(NotUtf8(b"\xe9"), '{"text_hex": "e9"}', id="text that is not UTF-8"),
    ],
)
def test_json_value(value: samples.Value, expected: str) -> None:
    assert json.dumps(json_value(value), allow_nan=False) == expected


@pytest.mark.parametrize(
    ("number", "noun", "many", "expected"),
    [
        pytest.param(0, "row", None, "0 rows", id="none"),
        pytest.param(1, "row", None, "1 row", id="one"),
        pytest.param(204_927, "row", None, "204,927 rows", id="many"),
        pytest.param(2, "fix", "fixes", "2 fixes", id="a plural of its own"),
    ],
)
def test_plural(number: int, noun: str, many: str | None, expected: str) -> None:
    assert plural(number, noun, many) == expected


@together
@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("a bc def", 5, ["> a", ". bc", ". def"], id="at blanks"),
        pytest.param("abcdefghij", 6, ["> abcd", ". efgh", ". ij"], id="inside a long word"),
        pytest.param("order_items.id", 12, ["> order_", ". items.id"], id="at a joint of a name"),
        pytest.param("顧客顧", 6, ["> 顧客", ". 顧"], id="characters of two columns"),
        pytest.param("", 6, ["> "], id="nothing"),
    ],
)
def test_wrapped(text: str, width: int, expected: list[str]) -> None:
    assert list(wrapped(text, width, "> ", ". ")) == expected


def test_a_path_is_left_whole() -> None:
    lines = list(wrapped("in /a/long/path: no faults", 8, "> ", ". ", whole=True))
    assert lines == ["> in", ". /a/long/path:", ". no", ". faults"]


@given(st.text(ENCODABLE), st.integers(8, 40))
def test_wrapped_keeps_all_and_passes_no_width(text: str, width: int) -> None:
    lines = list(wrapped(shown(text), width))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == shown(text).replace(" ", "")
