"""The organisation that readers follow in these tests."""

import pytest

from portal.models import Organisation
from tests.support.app import Cast


@pytest.fixture
def org(cast: Cast) -> Organisation:
    """Northwind."""
    return cast.northwind
