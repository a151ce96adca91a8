"""What a member may do and how they like their lists, and what names people and organisations."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")
LONGEST_EMAIL: Final = 254
_TYPED_EMAIL: Final = re.compile(
    r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f-\x9f]{1,64}@(?:[^\W_](?:[^\W_]|-){0,62}\.){1,8}[^\W_](?:[^\W_]|-){1,62}"
)
LONGEST_NAME: Final = 120
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Role(StrEnum):
    """What a member may do: an admin changes, a member reads."""

    ADMIN = "admin"
    MEMBER = "member"


class Density(StrEnum):
    """How high the rows of a person's lists are."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


class Theme(StrEnum):
    """Which colours a person wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class LinkKind(StrEnum):
    """What a link does that is mailed to somebody, or given to them, and that works once."""

    INVITATION = "invitation"
    RESET_ASKED = "reset-asked"
    """Somebody has asked for a reset; whether there is such an account is looked up when it is mailed."""
    RESET = "reset"
    EMAIL = "email"
    COLLEAGUE = "colleague"
    SECOND_STEP = "second-step"
    """Somebody has given their password, and is asked for a code."""
    PASSKEY_NEW = "passkey-new"
    """The challenge that a new passkey signs."""
    PASSKEY = "passkey"
    """The challenge that a passkey signs to sign in."""
    PROVIDER = "provider"
    """Somebody was sent to an organisation's provider to sign in there, and is to come back once."""


LIFE_OF: Final = {
    LinkKind.INVITATION: timedelta(days=7),
    LinkKind.RESET_ASKED: timedelta(hours=1),
    LinkKind.RESET: timedelta(minutes=30),
    LinkKind.EMAIL: timedelta(days=1),
    LinkKind.COLLEAGUE: timedelta(days=3),
    LinkKind.SECOND_STEP: timedelta(minutes=5),
    LinkKind.PASSKEY_NEW: timedelta(minutes=5),
    LinkKind.PASSKEY: timedelta(minutes=5),
    LinkKind.PROVIDER: timedelta(minutes=15),
}
LONGEST_LIFE: Final = max(LIFE_OF.values())


def addresses_in(text: str) -> list[str]:
    """Return what stands between commas, semicolons, spaces and lines, in lower case, each once."""
    parts = (part.strip("<>").lower() for part in re.split(r"[\s,;]+", text))
    return list(dict.fromkeys(part for part in parts if part))


def is_email(text: str) -> bool:
    """Whether a text can be the e-mail address of an account."""
    return len(text) <= LONGEST_EMAIL and text.isprintable() and EMAIL.fullmatch(text) is not None


def clean_name(typed: str) -> str:
    """Return a person's name on one line, without characters that nobody sees."""
    shown = "".join(each if each.isprintable() else " " for each in typed[: 4 * LONGEST_NAME])
    return " ".join(shown.split())[:LONGEST_NAME].strip()


def parse_address(typed: str) -> str | None:
    """Return the one address that anybody typed into a public form, in lower case.

    ``None`` where it is none: it goes into a mail's header.
    """
    address = typed[: 4 * LONGEST_EMAIL].strip().lower()
    return address if len(address) <= LONGEST_EMAIL and _TYPED_EMAIL.fullmatch(address) else None
