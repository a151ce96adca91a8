"""The mails about accounts, as people read them: plain and as HTML."""

from datetime import UTC, datetime

from flask import Flask

from portal.actions.accounts.mails import add_letter
from portal.db import write
from portal.domain.accounts import letters
from portal.domain.people import Role
from tests.support.html import faults_of
from tests.support.letters import waiting

WHEN = datetime(2026, 12, 5, 9, 30, tzinfo=UTC)
URL = "https://jobs.example.com/x/7Kq2mT0vX4sWn"
EVIL = '<b onmouseover="alert(1)">Mara</b>\r\nBcc: all@example.com'
LETTERS = [
    letters.invitation(EVIL, EVIL, Role.ADMIN, "ada@example.com", URL, WHEN),
    letters.invitation("Northwind", EVIL, Role.MEMBER, "ada@example.com", URL, WHEN),
    letters.ask_colleague(EVIL, EVIL, URL, WHEN),
    letters.reset(URL, WHEN),
    letters.password_changed(URL, WHEN),
    letters.new_browser(EVIL, "192.0.2.7", WHEN, URL, URL),
    letters.confirm_address("ada@example.com", URL, WHEN),
    letters.address_asked("ada@example.com", WHEN),
    letters.address_changed("ada@example.com", WHEN),
    letters.account_deleted(WHEN),
    letters.provider_linked(EVIL, URL, WHEN),
    letters.domain_missing(
        EVIL, "example.com", "_jobs-portal.example.com", "jobs-portal-domain=x", URL, WHEN
    ),
    letters.domain_lost(EVIL, "example.com", "_jobs-portal.example.com", "jobs-portal-domain=x", URL, WHEN),
]


def test_every_letter_says_the_same_plain_and_as_html_and_names_stay_text(app: Flask) -> None:
    with app.app_context():
        with write():
            for letter in LETTERS:
                add_letter(letter, "reader@example.com", WHEN)
        mails = waiting("reader@example.com")
    assert len(mails) == len(LETTERS)
    for letter, mail in zip(LETTERS, mails, strict=True):
        assert "\n" not in mail.subject
        assert mail.subject.split() == letter.subject.split()
        assert (URL in mail.text) == (URL in mail.html) == (letter.button is not None)
        assert "5 December 2026, 09:30 UTC" in mail.text
        assert "contact@theorg.com" in mail.text
        assert "<b onmouseover" not in mail.html
        assert [each for each in faults_of(mail.html) if "inline style" not in each] == []
        assert "The Org" in mail.html
