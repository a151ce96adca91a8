"""Pages over a real board."""

from dataclasses import replace

import pytest

from portal.config import Settings
from tests.support.board_server import DemoBoard


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """The settings of the application under test, whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)
