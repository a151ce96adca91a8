"""API tokens of people."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.domain.accounts.tokens import LONGEST_TOKEN_NAME, Scope, scopes_in
from portal.models.base import BIG, Base, Id, utc_now
from portal.models.people import Organisation


class ApiToken(Base):
    """What a program proves itself by, for one person in one organisation.

    The program holds the token, the database its SHA-256. It hangs on the membership, and goes with it:
    whoever comes back has none of their old tokens. ``scopes`` are words with spaces between them.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["memberships.organisation_id", "memberships.user_id"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(BIG)
    user_id: Mapped[int] = mapped_column(BIG, index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_TOKEN_NAME))
    scopes: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(
        primaryjoin=lambda: foreign(ApiToken.organisation_id) == Organisation.id, viewonly=True
    )

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, as people read it."""
        return [scope.label for scope in Scope if scope in scopes_in(self.scopes)]
