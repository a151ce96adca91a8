"""Change an organisation's profile without overwriting what another admin stored meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.actions.accounts.organisations import refuse_alike
from portal.actions.audit import record
from portal.actions.changing import changing
from portal.domain.audit import Action
from portal.domain.logos import Logo
from portal.domain.profile import FIELDS, Value, merge
from portal.models import Organisation
from portal.store.public.logos import delete_logo, put_logo


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """What became of a change; where there are ``conflicts``, nothing was stored.

    ``current`` is the profile as it is now.
    """

    current: Mapping[str, Value]
    conflicts: frozenset[str]
    changed: bool


def profile_of(organisation: Organisation) -> dict[str, Value]:
    """Return the fields of a profile."""
    return {name: getattr(organisation, name) for name in FIELDS}


def change_profile(
    organisation_id: int,
    wanted: Mapping[str, Value],
    seen: Mapping[str, str],
    logo: Logo | None = None,
) -> SavedProfile:
    """Store the values of a profile that are parsed already, unless others were stored meanwhile.

    ``wanted`` may name any of ``FIELDS``; ``seen`` holds the mark of each value that the page showed. With
    a ``logo`` its hash is wanted; ``None`` wanted as the hash removes the logo. Raises ``PeopleError`` where
    the name could be taken for another organisation's.
    """
    given = dict(wanted) | ({"logo_hash": logo.hash} if logo else {})
    with changing(organisation_id) as change:
        organisation = change.session.get_one(Organisation, organisation_id, populate_existing=True)
        current = profile_of(organisation)
        values, conflicts = merge(current, given, seen)
        if conflicts or not values:
            return SavedProfile(current, frozenset(conflicts), changed=False)
        if "name" in values:
            refuse_alike(str(values["name"]), apart_from=organisation_id)
        for name, value in values.items():
            setattr(organisation, name, value)
        if "logo_hash" in values:
            _replace_logo(organisation, logo)
        organisation.profile_changed_at = change.now
        record(organisation_id, Action.PROFILE_CHANGED, ", ".join(name.replace("_", " ") for name in values))
        change.raise_revision()
        return SavedProfile(profile_of(organisation), frozenset(), changed=True)


def _replace_logo(organisation: Organisation, logo: Logo | None) -> None:
    organisation.logo_width, organisation.logo_height = logo.size if logo else (None, None)
    if logo:
        put_logo(organisation.id, logo)
    else:
        delete_logo(organisation.id)
