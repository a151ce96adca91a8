"""The demo organisation and its people, made once and left alone afterwards."""

from collections.abc import Mapping

from portal.actions.organisations import create_organisation
from portal.actions.passwords import verify_password
from portal.actions.people import create_user, set_password
from portal.models import Role
from portal.store.members import user_by_email
from portal.store.organisations import organisation_by_slug
from portal.store.transactions import end_read


def seed_demo(name: str, slug: str, summary: str, people: Mapping[str, Role], password: str) -> None:
    """Create the organisation at ``slug`` and its people, by e-mail address, unless they are there.

    Afterwards each of them signs in with ``password``.
    """
    if organisation_by_slug(slug) is None:
        create_organisation(name, slug, summary)
    for email, role in people.items():
        user = user_by_email(email)
        known = user.password_hash if user else None
        end_read()
        if known is None:
            create_user(email, slug, role, password)
        elif not verify_password(known, password)[0]:
            set_password(email, password)
