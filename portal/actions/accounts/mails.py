"""Queue mails about accounts, within the transaction of what they report; a worker sends them."""

from dataclasses import replace
from datetime import datetime

from portal.actions.mails import mail_text
from portal.config import current_settings
from portal.domain.mails import Letter
from portal.store.mails import add_mail


def address_of(path: str) -> str:
    """Return the whole address of a page, for a mail: from the settings, whatever host was asked for."""
    return current_settings().address + path


def add_letter(letter: Letter, to: str, now: datetime, organisation_id: int | None = None) -> None:
    """Leave a letter of the site's for an address; with an organisation it goes when that goes."""
    settings = current_settings()
    signed = replace(
        letter, sender=settings.site_name, footer=f"Questions? Write to {settings.support_email}."
    )
    add_mail(mail_text(signed), now, address=to, organisation_id=organisation_id)
