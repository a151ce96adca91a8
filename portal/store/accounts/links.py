"""Links that work once: stored by the hash of their token, used or withdrawn by deleting them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import joinedload

from portal.db import count_deleted, session
from portal.domain.people import LIFE_OF, LONGEST_LIFE, LinkKind
from portal.models import Mail, OneTimeLink
from portal.models.base import has_passed


def add_link(kind: LinkKind, token_hash: str, now: datetime, **columns: Any) -> OneTimeLink:
    """Store a link that works from now on."""
    link = OneTimeLink(
        kind=kind, token_hash=token_hash, created_at=now, expires_at=now + LIFE_OF[kind], **columns
    )
    session().add(link)
    return link


def link_of(kind: LinkKind, token_hash: str, now: datetime) -> OneTimeLink | None:
    """Return the link of that kind while it works, with its organisation."""
    query = (
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == token_hash, OneTimeLink.kind == kind)
        .where(~has_passed(OneTimeLink.expires_at, now, LONGEST_LIFE))
        .options(joinedload(OneTimeLink.organisation), joinedload(OneTimeLink.created_by))
    )
    found = session().scalar(query.execution_options(populate_existing=True))
    return found if found and compare_digest(found.token_hash.encode(), token_hash.encode()) else None


def use_link(link_id: int) -> bool:
    """Use a link up; ``False`` where somebody else has done so."""
    return count_deleted(delete(OneTimeLink).where(OneTimeLink.id == link_id)) == 1


def delete_links(*kinds: LinkKind, **columns: Any) -> int:
    """Delete the links of these kinds that have these columns: they work no more, and no mail brings them."""
    delete_mails(*kinds, **columns)
    return count_deleted(delete(OneTimeLink).where(OneTimeLink.kind.in_(kinds)).filter_by(**columns))


def delete_mails(*kinds: LinkKind, **columns: Any) -> None:
    """Delete the mails with these links that are not sent yet; each was written as its link was."""
    theirs = select(OneTimeLink.address, OneTimeLink.created_at).where(OneTimeLink.kind.in_(kinds))
    written = tuple_(Mail.address, Mail.created_at).in_(theirs.filter_by(**columns))
    session().execute(delete(Mail).where(written).execution_options(synchronize_session=False))


def has_newer(kind: LinkKind, user_id: int, since: datetime) -> bool:
    """Whether somebody has a link of that kind that was made since then."""
    query = select(OneTimeLink.id).where(OneTimeLink.kind == kind, OneTimeLink.user_id == user_id)
    return session().scalar(query.where(OneTimeLink.created_at > since).limit(1)) is not None


def links_of(organisation_id: int, kind: LinkKind) -> Sequence[OneTimeLink]:
    """Return an organisation's links of a kind, those that have run out too, by their address."""
    query = (
        select(OneTimeLink)
        .where(OneTimeLink.organisation_id == organisation_id, OneTimeLink.kind == kind)
        .options(joinedload(OneTimeLink.created_by))
        .order_by(OneTimeLink.address, OneTimeLink.id)
    )
    return session().scalars(query).all()


def link_by_id(organisation_id: int, kind: LinkKind, link_id: int) -> OneTimeLink | None:
    """Return one of an organisation's links."""
    query = select(OneTimeLink).where(OneTimeLink.id == link_id, OneTimeLink.kind == kind)
    return session().scalar(query.where(OneTimeLink.organisation_id == organisation_id))


def count_links(organisation_id: int, kind: LinkKind) -> int:
    """Return how many links of a kind an organisation has."""
    query = select(func.count()).select_from(OneTimeLink)
    query = query.where(OneTimeLink.organisation_id == organisation_id, OneTimeLink.kind == kind)
    return session().scalar(query) or 0


def asked_resets(limit: int) -> Sequence[OneTimeLink]:
    """Return what was asked for and not looked up yet, the longest waiting first."""
    query = select(OneTimeLink).where(OneTimeLink.kind == LinkKind.RESET_ASKED)
    return session().scalars(query.order_by(OneTimeLink.id).limit(limit)).all()


def invitation_to(organisation_id: int, address: str, now: datetime) -> OneTimeLink | None:
    """Return an organisation's invitation to an address while it works."""
    query = select(OneTimeLink).where(OneTimeLink.organisation_id == organisation_id)
    query = query.where(OneTimeLink.kind == LinkKind.INVITATION, OneTimeLink.address == address)
    return session().scalar(query.where(~has_passed(OneTimeLink.expires_at, now, LONGEST_LIFE)))


def delete_ended_links(
    before: datetime, limit: int, *, but_for: Collection[LinkKind] = ()
) -> tuple[int, int]:
    """Delete links that ran out before then, ``but_for`` these kinds."""
    over = select(OneTimeLink.id).where(OneTimeLink.expires_at <= before)
    over = over.where(OneTimeLink.kind.not_in(but_for)).limit(limit)
    gone = count_deleted(delete(OneTimeLink).where(OneTimeLink.id.in_(over)))
    return gone, gone
