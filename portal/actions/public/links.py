"""Make and delete tracked links: an address with a source that goes with whoever follows it."""

import re
from typing import Final

from sqlalchemy.exc import IntegrityError

from portal.actions.audit import record
from portal.db import write
from portal.domain.audit import Action
from portal.domain.texts import InvalidValue, one_line
from portal.models import TrackedLink
from portal.store.jobs import job_of
from portal.store.public import links

LONGEST_NAME: Final = 60
MOST_LINKS: Final = 200
CODE: Final = re.compile(r"[A-Za-z0-9._~-]{1,60}")
_ELSE: Final = re.compile(r"[\W_]+")
THERE_IS: Final = "There is a link with this source already: “{}”."


def make_link(organisation_id: int, name: str, job_id: int | None, code: str, user_id: int) -> TrackedLink:
    """Make a link to a job, or without one to the Jobs tab, and return it.

    ``code`` is the ``gh_src`` of a tracking link of Greenhouse; without it the source is made of the name.
    Raises ``InvalidValue``, a sentence for whoever typed it.
    """
    name = one_line(name, LONGEST_NAME)
    source = _source(name, code.strip())
    try:
        with write(owner=organisation_id) as session:
            if job_id is not None and job_of(organisation_id, job_id) is None:
                raise InvalidValue("There is no such job any more. Choose another.")
            if known := links.link_with(organisation_id, job_id, source):
                raise InvalidValue(THERE_IS.format(known.name))
            if links.count_links(organisation_id) >= MOST_LINKS:
                raise InvalidValue(f"There are {MOST_LINKS} links. Delete one that is no longer used.")
            link = TrackedLink(
                organisation_id=organisation_id,
                job_id=job_id,
                name=name,
                source=source,
                created_by_id=user_id,
            )
            session.add(link)
            record(organisation_id, Action.LINK_MADE, name, user_id=user_id)
            return link
    except IntegrityError:  # another admin made it at the same moment
        raise InvalidValue(THERE_IS.format(name)) from None


def _source(name: str, code: str) -> str:
    """The source as it stands in the address: in words that every address takes."""
    if not name:
        raise InvalidValue("Give the link a name, such as “LinkedIn post October”.")
    if code and not CODE.fullmatch(code):
        raise InvalidValue("The code has letters, digits and hyphens only: what follows gh_src= in the link.")
    if source := code or _ELSE.sub("-", name.lower()).strip("-"):
        return source[:LONGEST_NAME]
    raise InvalidValue("The name needs a letter or a digit.")


def delete_link(organisation_id: int, link_id: int) -> bool:
    """Delete a link; the address goes on working, and what was counted stays. Whether there was one."""
    with write(owner=organisation_id):
        name = links.delete_link(organisation_id, link_id)
        if name is not None:
            record(organisation_id, Action.LINK_DELETED, name)
        return name is not None
