"""Plain forms that are sent too late, as a browser without JavaScript sends them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.web.extensions import masked
from tests.support.app import PASSWORD, PortalClient

FROM_HERE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
STILL_HERE = "What you typed is still here"


class _Forms(HTMLParser):
    """Collects the forms of a page: where each goes, and its hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, list[tuple[str, str]]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), []))
        elif tag == "input" and given.get("type") == "hidden" and "name" in given and self.found:
            self.found[-1][1].append((given["name"], given.get("value", "")))


def form_to(address: str, page: TestResponse) -> MultiDict[str, str]:
    """Return what the last form of a page with that address sends by itself."""
    *_, fields = [fields for to, fields in _Forms(page.text).found if to == address]
    return MultiDict(fields)


def send(
    client: PortalClient, path: str, fields: Mapping[str, Any], headers: Mapping[str, str] = FROM_HERE
) -> TestResponse:
    """Send a plain form as a browser does; without a token in it, it bears that of a session that is over."""
    client.environ_base.pop("HTTP_X_CSRFTOKEN", None)
    data = MultiDict(fields)
    data.setdefault("csrf_token", masked("of a session that is over"))
    return client.post(path, data=data, headers=headers)


def filled(form: MultiDict[str, str], **typed: str) -> MultiDict[str, str]:
    """Fill in a form."""
    for name, value in typed.items():
        form[name] = value  # update() would add another one
    return form


def sign_in(client: PortalClient, page: TestResponse, **typed: str) -> TestResponse:
    """Fill in a login page, and send it with all that it carries."""
    by_password = {"email": "mara@example.com", "password": PASSWORD}
    return send(client, "/login", filled(form_to("/login", page), **by_password | typed))
