"""What an address says."""

import pytest
from werkzeug.test import EnvironBuilder

from portal.web.extensions import PortalRequest


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("page", {"type": int}, 2),
        ("page", {}, "2"),
        ("empty", {"default": "x"}, ""),
        ("size", {"default": 50, "type": int}, 50),
        ("missing", {}, None),
        ("missing", {"default": 50, "type": int}, 50),
    ],
)
def test_a_value_that_is_missing_or_of_another_kind_is_the_default(
    name: str, asked: dict[str, object], expected: object
) -> None:
    request = PortalRequest(EnvironBuilder(query_string="page=2&page=3&empty=&size=x").get_environ())
    assert request.args.get(name, **asked) == expected
