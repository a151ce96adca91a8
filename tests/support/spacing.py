"""Runs of one connection in quick succession: tests that carry them out by hand do not wait in between."""

from datetime import timedelta

import pytest

from portal.domain.sync import runs
from portal.domain.sync.runs import Spacing

NONE = Spacing(between=timedelta(0), collecting=timedelta(0))


@pytest.fixture
def spaced() -> None:
    """Runs keep their distance in this test, as they do in the portal."""


@pytest.fixture(autouse=True)
def _close_together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "spaced" not in request.fixturenames:
        monkeypatch.setattr(runs, "SPACING", NONE)
