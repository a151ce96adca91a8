"""Organisations: added, and described, by those who run the portal."""

import re
import unicodedata

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.people import PeopleError
from portal.actions.audit import record
from portal.actions.changing import changing
from portal.db import write
from portal.domain.accounts.names import is_reserved, looks_like
from portal.domain.audit import Action
from portal.domain.people import SLUG, Role
from portal.domain.profile import PARSERS
from portal.domain.texts import InvalidValue
from portal.models import Membership, Organisation
from portal.store.accounts.members import lock_names, names_and_slugs
from portal.store.people import organisation_by_slug


def slug_from(name: str) -> str:
    """Return the address an organisation's name suggests: "Café Nord" becomes "cafe-nord"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")


def create_organisation(
    name: str,
    slug: str | None = None,
    summary: str = "",
    time_zone: str = "UTC",
    admin_id: int | None = None,
) -> Organisation:
    """Create an organisation; its address comes from its name unless ``slug`` is given.

    ``time_zone``, such as Europe/Lisbon, says when a job's closing date has passed. Whoever is given as
    ``admin_id`` is its first admin. Raises ``PeopleError``.
    """
    name = _parsed("name", name)
    slug = slug or slug_from(name)
    if not SLUG.fullmatch(slug):
        raise PeopleError("Give an address (slug) of small letters, digits and hyphens, at most 63.")
    if is_reserved(slug):
        raise PeopleError(f"The portal keeps “{slug}” for itself. Give another address (slug).")
    organisation = Organisation(
        name=name, slug=slug, summary=_parsed("summary", summary), time_zone=_parsed("time_zone", time_zone)
    )
    try:
        with write() as session:
            if organisation_by_slug(slug) is not None:
                raise PeopleError(_taken(slug))
            refuse_alike(name)
            refuse_alike(slug, "address (slug)")
            session.add(organisation)
            session.flush()
            record(organisation.id, Action.ORGANISATION_MADE, name)
            if admin_id is not None:
                session.add(Membership(organisation_id=organisation.id, user_id=admin_id, role=Role.ADMIN))
    except IntegrityError:
        raise PeopleError(_taken(slug)) from None
    return organisation


def _taken(slug: str) -> str:
    return f"There is already an organisation at “{slug}”. Give another address (slug)."


def refuse_alike(text: str, what: str = "name", apart_from: int | None = None) -> None:
    """Raise ``PeopleError`` where people could take a name or an address for another organisation's.

    Within the write transaction that gives it: nobody else gives one until that is over.
    """
    lock_names()
    if looks_like(text, names_and_slugs(apart_from)):
        raise PeopleError(
            f"There is already an organisation with almost the same {what} as “{text}”. Give another."
        )


def change_organisation(
    slug: str, *, name: str | None = None, summary: str | None = None, time_zone: str | None = None
) -> Organisation:
    """Change what is given of the organisation at ``slug``; its address stays. Raises ``PeopleError``."""
    organisation = organisation_by_slug(slug)
    if organisation is None:
        raise PeopleError(f"There is no organisation at “{slug}”.")
    with changing(organisation.id) as change:
        change.session.refresh(organisation)
        if name is not None:
            organisation.name = _parsed("name", name)
            refuse_alike(organisation.name, apart_from=organisation.id)
        if summary is not None:
            organisation.summary = _parsed("summary", summary)
        if time_zone is not None:
            organisation.time_zone = _parsed("time_zone", time_zone)
        if change.session.is_modified(organisation):
            organisation.profile_changed_at = change.now
            record(organisation.id, Action.PROFILE_CHANGED)
            change.raise_revision()
    return organisation


def _parsed(field: str, typed: str) -> str:
    try:
        return PARSERS[field](typed)
    except InvalidValue as error:
        raise PeopleError(str(error)) from None
