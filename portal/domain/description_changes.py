"""What changed between two descriptions: their words, and where their links and media lead."""

import html
import re
from dataclasses import dataclass
from typing import Final

from portal.domain.change_words import DESCRIPTION, label_of
from portal.domain.descriptions import text_of
from portal.domain.word_diff import Budget, Part, Passage, changed_passages

WORDS: Final = label_of(DESCRIPTION)
ADDRESSES: Final = "Links and media in the description"

_NOT_COMPARED: Final = Passage(Part.GAP, "Too much changed at once to show it here word by word.")
_CHARACTERS_A_STEP: Final = 4
"""Finding the words in so many characters takes as long as one step of comparing them."""

_ADDRESS: Final = re.compile(r"""\b(?:href|src)=(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class DescriptionChange:
    """One side of it, and the ``passages`` that changed; none where only the formatting did."""

    label: str
    passages: tuple[Passage, ...]


def description_changes(before: str, after: str, budget: Budget | None = None) -> list[DescriptionChange]:
    """Compare two cleaned descriptions. A link that leads elsewhere is a change though no word is.

    The steps that this takes are deducted from ``budget``; where it does not last, the change says so.
    """
    if budget is not None:
        budget.steps -= (len(before) + len(after)) // _CHARACTERS_A_STEP
        if budget.steps < 0:
            return [DescriptionChange(WORDS, (_NOT_COMPARED,))]
    words = tuple(changed_passages(text_of(before), text_of(after), budget))
    addresses = tuple(changed_passages(_addresses_of(before), _addresses_of(after), budget))
    found = [DescriptionChange(WORDS, words)] if words or not addresses else []
    return found + ([DescriptionChange(ADDRESSES, addresses)] if addresses else [])


def _addresses_of(description_html: str) -> str:
    """Every address that a description leads to or shows, in its order; an address holds no space."""
    found = (html.unescape(double or single) for double, single in _ADDRESS.findall(description_html))
    return " ".join(address.replace(" ", "%20") for address in found)
