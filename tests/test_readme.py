"""The README shows what is there."""

import re

import pytest

from portal.config import REPOSITORY

README = (REPOSITORY / "README.md").read_text()


@pytest.mark.parametrize("path", re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README))
def test_every_picture_is_in_the_repository(path: str) -> None:
    assert (REPOSITORY / path).is_file()
