"""What the tests of the domain share: the posts of real and of made-up boards."""

import pytest

from tests.support.board_shapes import Post
from tests.support.boards import ORIGINS, every_post


@pytest.fixture(scope="session", params=ORIGINS)
def board_posts(request: pytest.FixtureRequest) -> tuple[Post, ...]:
    """Every post of every answer of one origin, each state of it once."""
    return every_post(request.param)
