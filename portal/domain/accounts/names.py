"""Names and addresses of organisations that could be mistaken for another's, or for the portal's own."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from disarm import skeleton_key

_RESERVED: Final = """
    about abuse accessibility account accounts admin administrator api apps assets auth billing blog
    careers contact dashboard docs embed feed feeds forgot health healthz help home hooks hostmaster
    info invite invites job jobs legal login logout mail me metrics new news null official ops org orgs
    organisation organisations organization organizations people portal postmaster privacy public readyz
    register reset robots root search security settings sign-in sign-up signin signup site sitemap staff
    static status support system team terms the-org theorg trust undefined user users webmaster www
"""
RESERVED: Final = frozenset(_RESERVED.split())
"""Addresses of the portal, and names that speak for it."""
ALIKE: Final = (("rn", "m"), ("vv", "w"), ("i", "l"))


def skeleton(text: str) -> str:
    """Return what is left of a name where nothing tells it from one that looks like it.

    Letters of other scripts become those that they look like (Unicode TR39), accents, case, spaces and
    signs go, and what people misread for each other becomes the same. Not for showing.
    """
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    key = "".join(each for each in skeleton_key(plain, digit_policy="tr39") if each.isalnum())
    for looks, like in ALIKE:
        key = key.replace(looks, like)
    return key


_RESERVED_SKELETONS: Final = frozenset(skeleton(word) for word in RESERVED)


def is_reserved(slug: str) -> bool:
    """Whether an address, or what it looks like, is one that the portal keeps for itself."""
    return skeleton(slug) in _RESERVED_SKELETONS


def looks_like(text: str, others: Iterable[str]) -> bool:
    """Whether a name could be taken for one of the others."""
    key = skeleton(text)
    return bool(key) and any(skeleton(other) == key for other in others)
