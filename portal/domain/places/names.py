"""Names of places as they are compared: without case, accents, and the signs that people leave out."""

import re
import unicodedata
from typing import Final

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_SIGNS: Final = str.maketrans(
    {"-": " ", "–": " ", "—": " ", "/": " ", ",": " ", "_": " ", "&": " and ", "ß": "ss", "ø": "o", "ł": "l"}
    | dict.fromkeys(".'’‘`´ʼʻ\u00ad\u200b\u200c\u200d\u2060\ufeff")
)


def name_key(name: str) -> str:
    """The key of a name: "St. Gallen" and "ST GALLEN" have one, as have "Łódź" and "Lodz"."""
    key = name.lower()
    if not key.isascii():
        key = _ACCENTS.sub("", unicodedata.normalize("NFKD", key))
    return " ".join(key.translate(_SIGNS).split())
