"""What the tests of the domain share: the recorded boards beside the repository."""

import json
from pathlib import Path
from typing import Any

import pytest

BOARDS = Path(__file__).parents[3] / "shared" / "boards"


@pytest.fixture(scope="session")
def recorded_posts() -> tuple[dict[str, Any], ...]:
    """Every post of every recorded answer, each state of it once; skips the test where there are none."""
    if not BOARDS.is_dir():
        pytest.skip("the recorded boards are not here")
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(BOARDS.glob("*/*.json")):
        answer = json.loads(path.read_bytes())
        jobs = answer.get("jobs", []) if isinstance(answer, dict) else []
        found.update({json.dumps(job, sort_keys=True): job for job in jobs})
    return tuple(found.values())
