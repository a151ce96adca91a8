"""Whether a field still says what an edit made it say."""

import pytest

from portal.domain.jobs.bulk import is_current


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({}, True),
        ({4: None}, False),
        ({4: 3}, False),  # it was taken back itself
        ({4: None, 5: 4}, True),
        ({4: 3, 5: 4}, True),  # taken back, and that too
        ({4: None, 5: None, 6: 5, 7: 4}, True),
        ({4: None, 5: None, 6: 5}, False),
        ({4: None, 5: 4, 6: 3}, False),
        ({4: 2}, False),
    ],
)
def test_an_edit_stands_while_all_later_ones_were_taken_back(
    later: dict[int, int | None], expected: bool
) -> None:
    assert is_current(3, later) is expected
