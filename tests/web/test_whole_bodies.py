"""A body that did not come whole saves nothing. The server under the portal ends its streams by itself."""

import pytest

from tests.support.app import PortalClient

SERVED = {"wsgi.input_terminated": True}
FORM = "application/x-www-form-urlencoded"
NEW = "/orgs/northwind/jobs/new"


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"CONTENT_LENGTH": "1000"}, 400), ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411)],
)
def test_half_a_form_is_refused(mara: PortalClient, sent: dict[str, str], status: int) -> None:
    answer = mara.post(NEW, data="title=Wel", content_type=FORM, environ_overrides={**SERVED, **sent})
    assert answer.status_code == status
    assert "Wel" not in mara.get("/orgs/northwind/jobs").text


def test_a_whole_form_is_saved(mara: PortalClient) -> None:
    assert mara.post(NEW, data="title=Welder", content_type=FORM, environ_overrides=SERVED).status_code == 303
    assert "Welder" in mara.get("/orgs/northwind/jobs").text
