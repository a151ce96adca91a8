"""What the tests of the domain share: the posts of real and of made-up boards."""

import pytest

from portal.domain.descriptions.clean import clean_description
from tests.support.board_shapes import Post
from tests.support.boards import ORIGINS, every_post


@pytest.fixture(scope="session", params=ORIGINS)
def board_posts(request: pytest.FixtureRequest) -> tuple[Post, ...]:
    """Every post of every answer of one origin, each state of it once."""
    return every_post(request.param)


@pytest.fixture(scope="session")
def cleaned_posts(board_posts: tuple[Post, ...]) -> dict[str, str]:
    """The description of each of these posts, by what the board sends of it."""
    return {post["content"]: clean_description(post["content"]) for post in board_posts}
