"""Single sign-on: organisations' providers and domains, whom they name, and who is exempt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from portal.db import count_deleted, session
from portal.domain.people import Role
from portal.models import (
    Authenticator,
    ExternalIdentity,
    LoginSession,
    MailDomain,
    Membership,
    Organisation,
    SingleSignOn,
    User,
)
from portal.models.base import has_passed, utc_now


def single_sign_on_of(organisation_id: int) -> SingleSignOn | None:
    """Return an organisation's provider, with the organisation."""
    return session().get(
        SingleSignOn,
        organisation_id,
        options=[joinedload(SingleSignOn.organisation)],
        populate_existing=True,
    )


def offered_at(slug: str) -> SingleSignOn | None:
    """Return the provider by which people sign in to the organisation at ``slug``, if there is one."""
    query = select(SingleSignOn).join(Organisation).where(Organisation.slug == slug, SingleSignOn.is_on)
    return session().scalar(query.options(joinedload(SingleSignOn.organisation)))


def offered_to(domain: str) -> SingleSignOn | None:
    """Return the provider by which people with addresses in a domain sign in, if there is one."""
    if "\0" in domain:
        return None  # PostgreSQL refuses even to look for it
    theirs = and_(
        MailDomain.organisation_id == SingleSignOn.organisation_id,
        MailDomain.domain == domain,
        MailDomain.proved_at.is_not(None),
    )
    query = select(SingleSignOn).join(MailDomain, theirs).where(SingleSignOn.is_on)
    return session().scalar(query.options(joinedload(SingleSignOn.organisation)))


def every_provider() -> Sequence[SingleSignOn]:
    """Return all of them, locked until the commit."""
    return session().scalars(select(SingleSignOn).with_for_update()).all()


def domains_of(organisation_id: int) -> Sequence[MailDomain]:
    """Return the domains that an organisation claims, by name."""
    query = select(MailDomain).where(MailDomain.organisation_id == organisation_id)
    return session().scalars(query.order_by(MailDomain.domain)).all()


def domain_by_id(organisation_id: int, domain_id: int) -> MailDomain | None:
    """Return one of an organisation's domains."""
    query = select(MailDomain).where(MailDomain.organisation_id == organisation_id)
    return session().scalar(query.where(MailDomain.id == domain_id))


def domains_to_recheck(now: datetime, longest: timedelta, limit: int) -> list[MailDomain]:
    """Return domains that DNS proved, and whose record is to be looked for again."""
    is_due = MailDomain.recheck_at.is_(None) | has_passed(MailDomain.recheck_at, now, longest)
    query = select(MailDomain).where(MailDomain.proved_at.is_not(None), ~MailDomain.by_operator, is_due)
    return list(session().scalars(query.order_by(MailDomain.recheck_at, MailDomain.id).limit(limit)))


def has_proved(organisation_id: int, domain: str) -> bool:
    """Whether a domain is proved to be the organisation's."""
    query = select(MailDomain.id).where(MailDomain.organisation_id == organisation_id)
    query = query.where(MailDomain.domain == domain, MailDomain.proved_at.is_not(None))
    return session().scalar(query) is not None


def owner_of(domain: str) -> Organisation | None:
    """Return the organisation that has proved a domain."""
    query = select(Organisation).join(MailDomain, MailDomain.organisation_id == Organisation.id)
    return session().scalar(query.where(MailDomain.domain == domain, MailDomain.proved_at.is_not(None)))


def identity_of(organisation_id: int, issuer: str, subject: str) -> ExternalIdentity | None:
    """Return whom an issuer means by a subject, in one organisation alone."""
    query = select(ExternalIdentity).where(ExternalIdentity.organisation_id == organisation_id)
    query = query.where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    return session().scalar(query.options(joinedload(ExternalIdentity.membership)))


def identity_of_member(membership_id: int) -> ExternalIdentity | None:
    """Return by whom a member is known to the provider, if they have signed in with it."""
    return session().get(ExternalIdentity, membership_id, populate_existing=True)


def forget_identities(organisation_id: int) -> None:
    """Forget whom a former provider meant."""
    session().execute(delete(ExternalIdentity).where(ExternalIdentity.organisation_id == organisation_id))


def rename_issuer(organisation_id: int, issuer: str) -> None:
    """Let whom the provider meant be known by another spelling of its issuer."""
    query = update(ExternalIdentity).where(ExternalIdentity.organisation_id == organisation_id)
    session().execute(query.values(issuer=issuer), execution_options={"synchronize_session": False})


def end_sign_ins_through(organisation_id: int) -> int:
    """End the sign-ins that came through an organisation's provider."""
    places = select(Membership.id).where(Membership.organisation_id == organisation_id)
    return count_deleted(delete(LoginSession).where(LoginSession.membership_id.in_(places)))


def delete_provider(organisation_id: int) -> None:
    """Delete an organisation's provider."""
    session().execute(delete(SingleSignOn).where(SingleSignOn.organisation_id == organisation_id))


def exempt_from_single_sign_on() -> ColumnElement[bool]:
    """Whether a member may enter an organisation that wants single sign-on alone by another sign-in.

    So the admins do who have two-step sign-in, or all of them while none has: a provider that is away or
    set up wrongly locks nobody out for good. Asked of ``Membership``.
    """
    other, user = aliased(Membership), aliased(User)
    prepared = (
        exists()
        .where(other.organisation_id == Membership.organisation_id, other.role == Role.ADMIN)
        .where(Authenticator.user_id == other.user_id)
        .where(user.id == other.user_id, user.disabled_at.is_(None))
        .correlate(Membership)
    )
    mine = exists().where(Authenticator.user_id == Membership.user_id).correlate(Membership)
    return and_(Membership.role == Role.ADMIN, or_(mine, ~prepared))


def is_exempt_from_single_sign_on(membership_id: int) -> bool:
    """Whether this member may enter by another sign-in at this moment."""
    query = select(Membership.id).where(Membership.id == membership_id, exempt_from_single_sign_on())
    return session().scalar(query) is not None


def add_domain(organisation_id: int, domain: str, proof: str) -> MailDomain:
    """Let an organisation claim a domain."""
    claimed = MailDomain(
        organisation_id=organisation_id, domain=domain, proof=proof, created_at=utc_now(), by_operator=False
    )
    session().add(claimed)
    return claimed
