"""``python -m dev.stack.seed``: brings the tables up to date, and makes the demo organisation and its people.

It uses the portal's own commands and pages, as an operator would, but in one process.
"""

import os
import re
import sys
from http import HTTPStatus

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dev.demo import organisation
from dev.stack.programs import demo_password
from portal.config import load_settings

PEOPLE = {organisation.ADMIN_EMAIL: "admin", organisation.MEMBER_EMAIL: "member"}
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


class Refused(Exception):
    """A command failed; ``str(error)`` is what it wrote."""


def seed(app: Flask, password: str, address: str = "http://localhost") -> None:
    """Create the demo organisation and its people unless they are there; each then has that password.

    ``address`` is where people reach the portal. Whoever has the password already stays signed in.
    """
    page = app.test_client().get(f"/orgs/{organisation.SLUG}", base_url=address)
    if page.status_code == HTTPStatus.NOT_FOUND:
        options = ("--slug", organisation.SLUG, "--summary", organisation.SUMMARY)
        command(app, "org", "create", organisation.NAME, *options)
    for email, role in PEOPLE.items():
        if not signs_in(app, email, password, address):
            give_password(app, email, role, password)


def signs_in(app: Flask, email: str, password: str, address: str) -> bool:
    """Whether somebody can sign in with the password; they are signed out again."""
    client = app.test_client()
    answer = submit(client, address, "/login", "/login", email=email, password=password)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        return False
    submit(client, address, f"/orgs/{organisation.SLUG}", "/logout")
    return True


def submit(client: FlaskClient, address: str, page: str, to: str, **fields: str) -> TestResponse:
    """Post a form of ``page``, as a browser does that has just opened it."""
    token = CSRF_TOKEN.search(client.get(page, base_url=address).text)
    fields["csrf_token"] = token[1] if token else ""
    return client.post(to, base_url=address, data=fields, headers={"Referer": f"{address}{page}"})


def give_password(app: Flask, email: str, role: str, password: str) -> None:
    """Create somebody with the password, or give it to who is there."""
    options = ("--org", organisation.SLUG, "--role", role, "--password-stdin")
    try:
        command(app, "user", "create", email, *options, given=password)
    except Refused:
        command(app, "user", "set-password", email, "--password-stdin", given=password)


def command(app: Flask, *words: str, given: str = "") -> None:
    """Run ``flask --app wsgi words…`` in this process; raises ``Refused`` unless it succeeds."""
    result = app.test_cli_runner().invoke(args=words, input=f"{given}\n")
    if result.exit_code != 0:
        raise Refused(result.output.strip() or repr(result.exception))


def main() -> None:
    """Seed the portal of this environment."""
    from wsgi import app

    settings = load_settings(os.environ)
    try:
        command(app, "db", "upgrade")
        seed(app, demo_password(settings), settings.public_url or "http://localhost")
    except Refused as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
