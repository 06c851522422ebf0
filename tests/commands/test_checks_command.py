"""`sqlfix checks`: the list, the page of a check, and what is said where there is none of that name."""

from __future__ import annotations

import pytest
from support import sqlfix, together

from sqlfix.scan.check import CHECKS


def test_every_check_has_a_line_with_its_severity() -> None:
    ran = sqlfix("checks")
    assert (ran.code, ran.err) == (0, "")
    first = [line.split() for line in ran.out.splitlines() if not line.startswith(" ")]
    assert [words[0] for words in first] == list(CHECKS.names())
    assert all(words[1] == CHECKS[words[0]].severity.name.lower() for words in first)
    assert max(map(len, ran.out.splitlines())) <= 80


def test_the_list_as_json() -> None:
    ran = sqlfix("checks", "--format", "json")
    checks = ran.json["checks"]
    assert (ran.code, ran.json["format_version"]) == (0, 2)
    assert [check["name"] for check in checks] == list(CHECKS.names())
    assert {check["severity"] for check in checks} == {"error", "warning", "hint"}
    for check in checks:
        assert check["summary"].endswith(".") and len(check["summary"]) > 20
        assert not set("*`\n") & set(check["summary"])


@together
@pytest.mark.parametrize("name", CHECKS.names())
def test_the_page_of_a_check(name: str) -> None:
    ran = sqlfix("checks", name)
    assert ran.code == 0
    assert ran.out.startswith(f"# {name}\n\n**What it finds.** ")
    assert ran.out.endswith(f"\n\nSeverity: {CHECKS[name].severity.name.lower()}.\n")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert sqlfix("checks", name, "--format", "json").json["check"] == {
        "name": name,
        "severity": CHECKS[name].severity.name.lower(),
        "summary": next(c["summary"] for c in sqlfix("checks", "--format", "json").json["checks"] if c["name"] == name),
        "page": CHECKS[name].doc.strip(),
    }


@together
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("duplicate-key", "hint: did you mean duplicate-keys"),
        ("Orphan_Rows", "hint: did you mean orphan-rows"),
        ("cycle", "hint: did you mean cycles?"),
        ("xyz", "hint: the checks are broken-triggers, "),
        ("", "hint: the checks are "),
        ("\x1b[31m", "hint: the checks are "),
    ],
)
@pytest.mark.parametrize("format", ["table", "json"])
def test_a_name_that_no_check_has(name: str, hint: str, format: str) -> None:
    ran = sqlfix("checks", "--format", format, "--", name)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no check called" in ran.err and hint in ran.err
    assert "\x1b" not in ran.err
