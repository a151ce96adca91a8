"""People, their sign-ins, the organisations they belong to, and the mails that wait for them."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.people import Density
from portal.domain.profile import LONGEST_WEBSITE
from portal.models.base import BIG, Base, Id, Json, utc_now


class User(Base):
    """A person. ``email`` is kept in lower case; ``password_hash`` is argon2id, or empty: no password.

    ``seen_at`` is when they were last there, to some minutes. Without a ``theme`` each browser has its own.
    ``keys`` says whether single letters do something. A site admin sees all organisations and people.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    theme: Mapped[str | None] = mapped_column(String(16))
    keys: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_site_admin: Mapped[bool] = mapped_column(default=False, server_default=false())
    density: Mapped[str] = mapped_column(
        String(16), default=Density.COMPACT, server_default=Density.COMPACT.value
    )
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class LoginSession(Base):
    """One sign-in. The browser holds the token, the database its SHA-256: deleting the row ends it.

    ``browser`` is what the browser says of itself, in words, and ``address`` where it was last seen.
    ``means`` says by what it began; ``provider`` is what the provider of single sign-on is called. One by
    an organisation's single sign-on reaches that ``membership_id`` alone, and ends with it.
    """

    __tablename__ = "sessions"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    remembered: Mapped[bool] = mapped_column(default=False, server_default=false())
    browser: Mapped[str] = mapped_column(String(80), default="", server_default="")
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    membership_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("memberships.id", ondelete="CASCADE"), index=True
    )
    means: Mapped[str] = mapped_column(String(16), default="", server_default="")
    provider: Mapped[str] = mapped_column(String(80), default="", server_default="")


class OneTimeLink(Base):
    """A link that works once: an invitation, a password to be set anew, an e-mail address to be confirmed.

    Whoever has the link holds its token, the database the token's SHA-256. What was used or withdrawn is
    deleted. ``address`` is whom it is bound to; an organisation invites an address once at a time.
    """

    __tablename__ = "one_time_links"
    __table_args__ = (
        Index(
            "one_invitation_per_address",
            "organisation_id",
            "address",
            unique=True,
            sqlite_where=text("kind = 'invitation'"),
            postgresql_where=text("kind = 'invitation'"),
        ),
        {"sqlite_autoincrement": True},  # an id on a page that was opened earlier names no other link
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[str | None] = mapped_column(String(16))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    organisation: Mapped["Organisation | None"] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])


class Organisation(Base):
    """A tenant. ``revision`` grows in every commit that changes what its admins can see.

    ``logo_hash`` tells its logo from others, ``logo_width`` and ``logo_height`` are those of the small one.
    ``profile_changed_at`` says when what pages show of the organisation itself changed last.
    """

    __tablename__ = "organisations"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(Text, default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    revision: Mapped[int] = mapped_column(BIG, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    website: Mapped[str] = mapped_column(String(LONGEST_WEBSITE), default="", server_default="")
    shows_hiring_managers: Mapped[bool] = mapped_column(default=False, server_default=false())
    logo_hash: Mapped[str | None] = mapped_column(String(16))
    logo_width: Mapped[int | None] = mapped_column(SmallInteger)
    logo_height: Mapped[int | None] = mapped_column(SmallInteger)
    profile_changed_at: Mapped[datetime | None]
    requires_two_step: Mapped[bool] = mapped_column(default=False, server_default=false())
    requires_single_sign_on: Mapped[bool] = mapped_column(default=False, server_default=false())


class OrganisationLogo(Base):
    """An organisation's logo, apart from it, so that reading an organisation stays cheap."""

    __tablename__ = "organisation_logos"

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    png: Mapped[bytes] = mapped_column(LargeBinary)
    webp: Mapped[bytes] = mapped_column(LargeBinary)


class Membership(Base):
    """One person's place in one organisation, and how they like to see it.

    ``domain.jobs.columns`` reads and writes the keys of ``preferences``.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    preferences: Mapped[Json] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()


class Mail(Base):
    """One mail to one person, written in the transaction of what it tells of; sending deletes it.

    It goes to ``address``, or else to where its ``user`` is reached when it is sent; one to a user of an
    organisation is sent only while they belong to it. ``html`` says the same as ``body``. ``unsubscribe_url``
    takes a POST that ends such mails (RFC 8058). One ``of_connection`` goes with the connection it tells of.

    ``attempt`` grows as the mail is claimed, and ``not_before`` is the end of the claim's lease meanwhile:
    what a process was sending when it was killed is due again then. ``not_before`` is empty once the mail
    is given up. ``last_error`` says why the last attempt failed.
    """

    __tablename__ = "mails"

    id: Mapped[Id]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
    of_connection: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(index=True)
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    user: Mapped[User | None] = relationship()

    @property
    def reader(self) -> str:
        """The address it goes to."""
        return self.address or (self.user.email if self.user else "")
