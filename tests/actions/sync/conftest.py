"""What the demo board lists, chosen by a test of syncs."""

from collections.abc import Callable

import pytest

from tests.support.board_server import DemoBoard


@pytest.fixture
def listed(board: DemoBoard) -> Callable[..., None]:
    """Let the board list these posts and no others."""
    return lambda *posts: board.set_posts(board.token, posts)
