"""The token of a form that people without a sign-in send: it is signed, so that no cookie is needed.

It tells how long a form was open, and names the files that are kept for it and nobody else can guess.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

LASTS_SECONDS: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class FormToken:
    """A token as it stands in the form, the digest that rows bear, and for how many seconds it is there."""

    text: str
    key: str
    age: float


def make_token(job_id: int) -> FormToken:
    """Return the token of a form that is shown for the first time."""
    text = str(_serializer().dumps([job_id, token_urlsafe(16)]))
    return FormToken(text, _key(text), 0.0)


def read_token(text: str, job_id: int) -> FormToken | None:
    """Return the token that came with a form; ``None`` for one that is old, made up, or of another job."""
    try:
        content, made_at = _serializer().loads(text, max_age=LASTS_SECONDS, return_timestamp=True)
    except BadData:
        return None
    if not isinstance(content, list) or content[:1] != [job_id]:
        return None
    return FormToken(text, _key(text), (datetime.now(UTC) - made_at).total_seconds())


def confirmation_token(application_key: str) -> str:
    """Return what the mail holds by which a sender confirms an application."""
    return str(_serializer("confirm").dumps(application_key))


def read_confirmation(text: str, lasts_seconds: float) -> str | None:
    """Return the key of the application that is confirmed."""
    try:
        return str(_serializer("confirm").loads(text, max_age=int(lasts_seconds)))
    except BadData:
        return None


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _serializer(use: str = "form") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"application-{use}")
