"""The webhooks' part of the settings: an address, a secret that is shown once, and the steps."""

import html
import re

import pytest
from flask import Flask

from portal.actions.sync.credentials import (
    UnreadableCredential,
    Use,
    open_sealed,
    rotate,
    unseal,
    valid_secrets,
)
from portal.db import session, write
from portal.models import Connection
from portal.models.base import utc_now
from tests.support.app import HTMX, PortalClient

SETTINGS = "/orgs/northwind/greenhouse"
MAKE = f"{SETTINGS}/hook-secret"
SECRET = re.compile(r'id="hook-secret" value="([^"]{40,})"')


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def held(app: Flask, connection: Connection) -> Connection:
    with app.app_context():
        return session().get_one(Connection, connection.id)


def test_it_shows_the_address_and_the_steps(mara: PortalClient, synced: Connection) -> None:
    page = mara.get(SETTINGS).text
    assert f'value="http://localhost/hooks/greenhouse/{synced.public_key}"' in page
    for words in ("Not set", "Dev Center", "Job post created", "Job post updated", "Job post deleted"):
        assert words in page
    assert not SECRET.search(page)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_secret_is_shown_when_it_is_made_and_never_again(
    app: Flask, mara: PortalClient, synced: Connection, headers: dict[str, str]
) -> None:
    made = mara.post(MAKE, data={"seen": ""}, headers=headers | {"Accept-Encoding": "gzip"})
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store, no-transform"
    assert "Content-Encoding" not in made.headers  # whose length would tell of the secret
    secret = SECRET.search(made.text)
    assert secret
    assert f'data-share="{secret[1]}"' in made.text
    page = mara.get(SETTINGS).text
    assert secret[1] not in page
    assert "Secret set" in page
    assert "Nothing heard yet." in page
    kept = held(app, synced).hook_secret_ciphertext
    assert kept is not None
    assert secret[1].encode() not in kept


def test_a_new_secret_says_until_when_the_old_one_works(mara: PortalClient, synced: Connection) -> None:
    first = SECRET.search(mara.post(MAKE, data={"seen": ""}).text)
    page = mara.post(MAKE, data={"seen": seen(mara.get(SETTINGS).text)}).text
    second = SECRET.search(page)
    assert first
    assert second
    assert first[1] != second[1]
    assert "Nothing heard yet. The secret before it stops working <time" in page


@pytest.mark.parametrize("sent", ["", "nonsense", "2026-01-01", "2026-01-01T00:00:00+00:00"])
def test_a_page_that_is_sent_twice_does_not_undo_what_was_copied(
    app: Flask, mara: PortalClient, synced: Connection, sent: str
) -> None:
    mara.post(MAKE, data={"seen": ""})
    before = held(app, synced).hook_secret_ciphertext
    answer = mara.post(MAKE, data={"seen": sent})
    assert answer.status_code == 409
    assert "A newer secret was made meanwhile." in answer.text
    assert held(app, synced).hook_secret_ciphertext == before


def test_a_secret_opens_for_its_own_use_alone(app: Flask, mara: PortalClient, synced: Connection) -> None:
    mara.post(MAKE, data={"seen": ""})
    connection = held(app, synced)
    assert connection.hook_secret_ciphertext is not None
    with app.app_context():
        for key, ciphertext, use in (
            (connection.public_key, connection.hook_secret_ciphertext, Use.API_KEY),
            (connection.public_key, connection.api_key_ciphertext, Use.HOOK_SECRET),
            ("another", connection.hook_secret_ciphertext, Use.HOOK_SECRET),
        ):
            with pytest.raises(UnreadableCredential):
                open_sealed(key, ciphertext, use)


def test_rotating_the_credential_keys_encrypts_both_secrets_anew(
    app: Flask, mara: PortalClient, synced: Connection
) -> None:
    first = SECRET.search(mara.post(MAKE, data={"seen": ""}).text)
    second = SECRET.search(mara.post(MAKE, data={"seen": seen(mara.get(SETTINGS).text)}).text)
    assert first
    assert second
    before = held(app, synced)
    with app.app_context():
        assert rotate().connections == 1
        after = session().get_one(Connection, synced.id)
        assert unseal(after)
        sealed = zip(valid_secrets(before, utc_now()), valid_secrets(after, utc_now()), strict=True)
        for (old, new), secret in zip(sealed, (second, first), strict=True):
            assert new != old
            assert open_sealed(after.public_key, new, Use.HOOK_SECRET) == secret[1]


def test_the_key_can_be_asked_about_again(
    app: Flask, mara: PortalClient, synced: Connection, board: object
) -> None:
    assert "Greenhouse did not reject the key." in mara.post(f"{SETTINGS}/check-key", headers=HTMX).text
    board.reject_keys()  # type: ignore[attr-defined]
    for _ in range(2):
        page = mara.post(f"{SETTINGS}/check-key", headers=HTMX).text
        assert "Greenhouse rejects this key." in page
        assert ">Rejected<" in page
    rejected_at = held(app, synced).key_rejected_at
    assert rejected_at is not None
    board.reject_keys(False)  # type: ignore[attr-defined]
    assert ">Not rejected<" in mara.post(f"{SETTINGS}/check-key", headers=HTMX).text
    assert held(app, synced).key_rejected_at is None


def test_a_key_that_cannot_be_read_any_more_is_said_in_words(
    app: Flask, mara: PortalClient, synced: Connection
) -> None:
    with app.app_context(), write() as rows:
        rows.get_one(Connection, synced.id).api_key_ciphertext = b"nonsense"
    answer = mara.post(f"{SETTINGS}/check-key", headers=HTMX)
    assert answer.status_code == 422
    assert "The stored API key cannot be read." in answer.text
