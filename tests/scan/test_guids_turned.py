"""A GUID in the other order of its bytes is worked out from where its digits stand."""

from __future__ import annotations

import sqlite3
import uuid

import pytest
from support import together

from sqlfix.scan.key_forms import FORMS


@pytest.mark.parametrize("form", [form for form in FORMS if form.twin], ids=("lower", "upper", "bare", "bare, upper"))
def test_it_is_what_dotnet_stores(form: object) -> None:
    connection = sqlite3.connect(":memory:")
    written = (str, lambda g: str(g).upper(), lambda g: g.hex, lambda g: g.hex.upper())
    write = written[[each for each in FORMS if each.twin].index(form)]
    for number in range(0, 2**128, 2**128 // 37):
        guid = uuid.UUID(int=number)
        twin, holds, other = connection.execute(
            f"SELECT {form.twin('x')}, {form.holds('x')}, {form.holds('y')} FROM (SELECT ? AS x, ? AS y)",
            (write(guid), write(guid) + "0"),
        ).fetchone()
        assert twin == write(uuid.UUID(bytes=guid.bytes_le))
        assert (bool(holds), bool(other)) == (True, False)


@together
@pytest.mark.parametrize("key", ["0" * 31, "0" * 31 + "g", "-" * 36, "0" * 32 + "\0", "0" * 16 + "-" + "0" * 15])
def test_what_is_none_has_no_such_form(key: str) -> None:
    connection = sqlite3.connect(":memory:")
    guids = [form for form in FORMS if form.twin]
    row = connection.execute(f"SELECT {', '.join(form.holds('x') for form in guids)} FROM (SELECT ? AS x)", (key,))
    assert not any(row.fetchone())
