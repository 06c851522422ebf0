"""What the tests of faults tell."""

from __future__ import annotations

import pytest
from faults.trial import KILLS, Tell


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Say how many were tried and what was lost, and fail if anything was."""

    def told(kind: str, tried: int, lost: list[str]) -> None:
        if KILLS:
            with capsys.disabled():
                print(f"\n{kind}: {tried} tried, {len(lost)} lost", flush=True)
        assert tried
        assert not lost, "\n".join(lost[:5])

    return told
