"""The values that an editor offers: those in use, and before them the members as hiring managers."""

from typing import Final

from portal.store.job_lists import used_tags, used_values
from portal.store.members import names_of_members

OFFERED: Final = frozenset({"location", "department", "seniority", "hiring_manager"})


def offered(organisation_id: int, name: str) -> tuple[str, ...]:
    """Return what may be chosen besides typing something else."""
    if name == "tags":
        return tuple(used_tags(organisation_id))
    if name not in OFFERED:
        return ()
    used = used_values(organisation_id, name)[name]
    members = names_of_members(organisation_id) if name == "hiring_manager" else []
    return tuple(dict.fromkeys([*members, *used]))
