"""The mails that wait, and the links in them."""

import re
from typing import NamedTuple

from sqlalchemy import select

from portal.actions.accounts.reset import mail_resets
from portal.db import end_read, session
from portal.models import Mail


class Post(NamedTuple):
    """One mail that waits."""

    to: str
    subject: str
    text: str
    html: str


def waiting(to: str = "") -> list[Post]:
    """Return the mails that wait, the oldest first, or those for an address."""
    end_read()
    mails = session().scalars(select(Mail).order_by(Mail.id)).all()
    found = [Post(mail.reader, mail.subject, mail.body, mail.html or "") for mail in mails]
    end_read()
    return [each for each in found if to in ("", each.to)]


def token_for(to: str, page: str) -> str:
    """Return the token in the newest link to a page (invites, reset, email) for an address."""
    if page == "reset":
        mail_resets()
    tokens = [found for each in waiting(to) for found in re.findall(rf"/{page}/([\w-]+)", each.text)]
    assert tokens, f"no link to {page} for {to}"
    return tokens[-1]
