"""Passkeys, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from portal.actions.accounts import passkeys
from portal.actions.accounts.passkeys import PasskeyRefused, site_at
from portal.actions.accounts.sign_in import USUAL, begin_sign_in, signed_in
from portal.db import db, end_read, write
from portal.domain.accounts.sign_ins import Means
from portal.models import User
from portal.models.base import utc_now
from tests.support.app import PASSWORD, Cast
from tests.support.passkeys import Device


def test_of_many_who_send_one_answer_at_once_one_is_let_in(app: Flask, cast: Cast) -> None:
    site, device = site_at("http://localhost"), Device()
    with app.app_context():
        with write() as current:
            token = begin_sign_in(current.get_one(User, cast.mara.id), USUAL, utc_now(), Means.PASSWORD)
        mara = signed_in(token, utc_now())
        assert mara is not None
        asked = passkeys.ask_for_new(mara, PASSWORD, site)
        made = device.make(json.loads(asked.options))
        assert passkeys.add(mara, asked.challenge, made, "", site) == "Passkey"
        asked = passkeys.ask_to_sign_in(site)
        answer = device.use(json.loads(asked.options))
        end_read()

    def enter(_: int) -> bool:
        with app.app_context():
            try:
                token, email = passkeys.sign_in_with_passkey(
                    asked.challenge, answer, site, None, lambda _: USUAL
                )
                return email == "mara@example.com" and signed_in(token, utc_now()) is not None
            except PasskeyRefused:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as browsers:
        assert sorted(browsers.map(enter, range(6))) == [False] * 5 + [True]
