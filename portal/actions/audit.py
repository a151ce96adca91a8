"""Record what somebody does in the audit, in the transaction that does it."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, has_request_context

from portal.db import write
from portal.domain.audit import LONGEST_ABOUT, Action
from portal.domain.texts import cut_line
from portal.models.base import utc_now
from portal.store.accounts.audit import add_entry
from portal.store.people import organisations_of

ORIGIN: Final = "audit_origin"
"""What of the application's extensions tells who asks, and from where."""
ASKING_TOKEN: Final = "audit_asking_token"  # noqa: S105 - the name of an entry, not a token
"""What of them tells what the API token is called that is asked by."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks, with what (a browser, or a program by an API token), and from which network."""

    user_id: int | None = None
    browser: str = ""
    network: str = ""


COMMAND_LINE: Final = Origin(browser="Command line")
BY_ITSELF: Final = Origin(browser="By itself")
"""What nobody did: time brought it about."""
SITE_ADMIN: Final = Origin(browser="Site admin")
"""How an organisation's own list names a site admin: who that is, the site's list says."""


def record(
    organisation_id: int | None,
    action: Action,
    about: str = "",
    *,
    user_id: int | None = None,
    origin: Origin | None = None,
) -> None:
    """Note what somebody does within the caller's transaction, in an organisation or to the site.

    It is who asks, unless another ``user_id`` is given. ``about`` says whom or what it is done to: no secret.
    """
    origin = origin or _asking()
    add_entry(
        {
            "organisation_id": organisation_id,
            "user_id": user_id or origin.user_id,
            "action": action,
            "about": cut_line(about, LONGEST_ABOUT),
            "browser": origin.browser[:80],
            "network": origin.network,
            "at": utc_now(),
        }
    )


def _asking() -> Origin:
    asking: Origin = current_app.extensions[ORIGIN]() if has_request_context() else COMMAND_LINE
    return asking


def token_asking() -> str | None:
    """Return what the API token is called that a program asks by, if one does."""
    if not has_request_context():
        return None
    name: str | None = current_app.extensions[ASKING_TOKEN]()
    return name


def record_everywhere(user_id: int, action: Action, about: str = "") -> None:
    """Note in all of somebody's organisations what they do to their account, or the operator by command.

    Of what the operator does the site's list tells too: who is in no organisation has no other.
    """
    by_id = user_id if has_request_context() else None
    if by_id is None:
        record(None, action, about)
    for organisation in organisations_of(user_id):
        record(organisation.id, action, about, user_id=by_id)


def record_alone(organisation_id: int, action: Action, about: str = "") -> None:
    """Note what changes nothing else."""
    with write(owner=organisation_id):
        record(organisation_id, action, about)
