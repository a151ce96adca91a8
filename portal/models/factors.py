"""Second factors and passkeys: authenticator apps, recovery codes, WebAuthn credentials."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import BIG, Base, Id, utc_now


class Authenticator(Base):
    """Somebody's authenticator app: their password alone no longer signs them in.

    ``last_step`` is the time step (RFC 6238) of the code that was used last: none is good twice.
    """

    __tablename__ = "authenticators"

    user_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BIG)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class RecoveryCode(Base):
    """A code that stands in for the app once, by its hash. Using it deletes it."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)


class Passkey(Base):
    """A key pair that somebody's device holds (WebAuthn); the database has the public half.

    ``sign_count`` is what the device said last of how often it was used; many devices always say 0.
    """

    __tablename__ = "passkeys"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BIG)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None]
