"""Decide which kind of sign-in an organisation requires, and confine sign-ins through its provider to it."""

from typing import Final

from flask import url_for
from flask_login import current_user

from portal.models import Membership, Organisation
from portal.store.accounts.factors import with_authenticator
from portal.store.accounts.single_sign_on import is_exempt_from_single_sign_on
from portal.web.requests import wanted_path
from portal.web.tokens.bearer import program

OF_ANY_SIGN_IN: Final = frozenset(
    {"account.save_look", "account.save_theme", "account.save_keys", "account.density"}
)
"""What of an account every sign-in may change.

A provider's word is good for its organisation alone: whoever runs it could otherwise set a password, add a
passkey, or join other organisations, as any of its people.
"""


def is_confined() -> bool:
    """Whether the sign-in of who asks came through an organisation's provider, and reaches it alone."""
    return getattr(current_user, "membership_id", None) is not None


def is_refused(endpoint: str) -> bool:
    """Whether the sign-in of who asks is not good for a page of their account."""
    return is_confined() and endpoint not in OF_ANY_SIGN_IN


def way_in(organisation: Organisation, membership: Membership) -> str | None:
    """Return the page to which a member of an organisation is led first, if it wants another sign-in.

    One through its own provider is what it wants, and does for its second step too. An API token, which ends
    with the membership, is taken where single sign-on is required.
    """
    if is_confined():
        return None
    wants_provider = organisation.requires_single_sign_on and program() is None
    if wants_provider and not is_exempt_from_single_sign_on(membership.id):
        return url_for("single_sign_on.show", slug=organisation.slug, next=wanted_path())
    if organisation.requires_two_step and not with_authenticator([membership.user_id]):
        return url_for("two_step.show")
    return None
