from collections.abc import Iterator

import pytest

from tests.support.board_server import DemoBoard


@pytest.fixture
def board() -> Iterator[DemoBoard]:
    with DemoBoard() as board:
        yield board
