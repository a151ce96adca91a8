"""Single sign-on of an organisation: its OpenID provider, its mail domains, and whom the provider names."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.accounts.mail_domains import LONGEST_DOMAIN
from portal.models.base import BIG, Base, Id, Json, utc_now
from portal.models.people import Membership, Organisation


class SingleSignOn(Base):
    """An organisation's OpenID provider. ``endpoints`` is what its discovery document said last.

    While it ``is_on``, who the provider vouches for signs in; who is no member becomes one where it
    ``creates_members``.
    """

    __tablename__ = "single_sign_ons"

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(255))
    client_secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    endpoints: Mapped[Json] = mapped_column(JSON)
    read_at: Mapped[datetime]
    is_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    creates_members: Mapped[bool] = mapped_column(default=False, server_default=false())
    role: Mapped[str] = mapped_column(String(16))

    organisation: Mapped[Organisation] = relationship()


class MailDomain(Base):
    """A domain of e-mail addresses that an organisation claims; it counts once ``proved_at``.

    ``proof`` is what a TXT record of the domain must say. A domain is proved by one organisation at a time.
    The record is looked for again at ``recheck_at``; ``missed`` counts the answers in a row without it.
    """

    __tablename__ = "mail_domains"
    __table_args__ = (
        UniqueConstraint("organisation_id", "domain"),
        Index(
            "one_organisation_per_domain",
            "domain",
            unique=True,
            sqlite_where=text("proved_at IS NOT NULL"),
            postgresql_where=text("proved_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},  # an id on a page that was opened earlier names no other domain
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    domain: Mapped[str] = mapped_column(String(LONGEST_DOMAIN))
    proof: Mapped[str] = mapped_column(String(64))
    proved_at: Mapped[datetime | None]
    by_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    recheck_at: Mapped[datetime | None]
    missed: Mapped[int] = mapped_column(default=0, server_default="0")


class ExternalIdentity(Base):
    """Whom a provider means by its ``subject``: a member. It goes with the membership."""

    __tablename__ = "external_identities"
    __table_args__ = (UniqueConstraint("organisation_id", "issuer", "subject"),)

    membership_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("memberships.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    membership: Mapped[Membership] = relationship()
