"""Stand-ins for the checks, so that the formats are tested by themselves; their messages hold raw names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlfix.model.findings import Finding
from sqlfix.model.values import Severity
from sqlfix.scan.check import Check


def _message(finding: Finding) -> str:
    return f"{finding.count} rows of {finding.table} refer by {', '.join(finding.columns)} to {finding.parent}"


def _hint(finding: Finding) -> str | None:
    return None if finding.check == "orphan-rows" else f"look at {finding.parent}"


@pytest.fixture(scope="module", autouse=True)
def checks() -> Iterator[None]:
    names = ("orphan-rows", "placeholder-values", "missing-parent-table", "index-disagrees")
    rules = {name: Check(Severity.ERROR, "", _message, _hint) for name in names}
    with pytest.MonkeyPatch.context() as patch:
        for module in ("formats.table", "formats.markdown", "prose.objects"):
            patch.setattr(f"sqlfix.{module}.CHECKS", rules)
        yield
