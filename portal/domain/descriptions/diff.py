"""What changed between two texts, word by word, as a person reads it."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate, groupby, takewhile
from typing import Final

from portal.domain.descriptions.clean import text_of
from portal.domain.sync.following import DESCRIPTION, label_of

MOST_STEPS = 300_000
"""How much two texts are compared by words, and again by sentences, before they are shown whole."""
CONTEXT_WORDS = 8
MOST_WORDS = 250
MOST_CHARACTERS = 4_000
"""How much of one passage is shown."""
MOST_SHOWN = 30_000
"""How many characters are shown of all that changed between two texts."""


@dataclass(slots=True)
class Budget:
    """The steps that several comparisons may still take together, each a fraction of a microsecond."""

    steps: int


class Part(StrEnum):
    """What became of a passage; ``GAP`` stands for one that is left out."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words in a row, of which the same became."""

    part: Part
    text: str


def word_diff(before: str, after: str, budget: Budget | None = None) -> list[Passage]:
    """Return all of both texts, their words in order.

    The kept and removed passages together are ``before``, the kept and added ones ``after``, each with
    single spaces. Where comparing words would take more steps than ``MOST_STEPS``, or than are left of
    ``budget``, whole sentences are compared, and else nothing but the beginning and the end.
    """
    old, new = before.split(), after.split()
    start = _common(zip(old, new, strict=False))
    end = _common(zip(reversed(old[start:]), reversed(new[start:]), strict=False))
    middle = _compared(
        old[start : len(old) - end], new[start : len(new) - end], budget or Budget(MOST_STEPS * 2)
    )
    tail = old[len(old) - end :]
    return _joined([(Part.KEPT, old[:start]), *middle, (Part.KEPT, tail)])


def changed_passages(before: str, after: str, budget: Budget | None = None) -> list[Passage]:
    """Return what changed with some words around it; empty when no word did. At most some ``MOST_SHOWN``
    characters are returned.
    """
    passages = word_diff(before, after, budget)
    if all(passage.part is Part.KEPT for passage in passages):
        return []
    last = len(passages) - 1
    shown: list[Passage] = []
    for place, passage in enumerate(passages):
        if passage.part is Part.KEPT:
            shown += _shortened(passage.text.split(), first=place == 0, last=place == last)
        else:
            shown += _cut(passage)
    return _first(shown)


_Run = tuple[Part, Sequence[str]]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs are equal before the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class _TooManySteps(Exception):
    """Comparing would take more steps than are left."""


class _Matcher(SequenceMatcher[str]):
    """Counts the steps of comparing, which are known before each is taken, and stops where too many are."""

    a: Sequence[str]  # these two are documented, but not in the stubs
    b2j: dict[str, list[int]]

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: Budget) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._budget, self._left = budget, min(budget.steps, MOST_STEPS)
        self._steps_before = [0, *accumulate(1 + len(self.b2j.get(item, ())) for item in old)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        steps = self._steps_before[len(self.a) if ahi is None else ahi] - self._steps_before[alo]
        if steps > self._left:
            raise _TooManySteps
        self._left -= steps
        self._budget.steps -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)


def _compared(old: list[str], new: list[str], budget: Budget) -> list[_Run]:
    try:
        return list(_runs(old, new, budget))
    except _TooManySteps:
        pass
    try:
        runs = list(_runs(_sentences(old), _sentences(new), budget))
    except _TooManySteps:
        return [(Part.REMOVED, old), (Part.ADDED, new)]
    return [(part, " ".join(run).split()) for part, run in runs]


def _runs(old: Sequence[str], new: Sequence[str], budget: Budget) -> Iterator[_Run]:
    for tag, old_from, old_to, new_from, new_to in _Matcher(old, new, budget).get_opcodes():
        if tag == "equal":
            yield Part.KEPT, old[old_from:old_to]
        else:
            yield Part.REMOVED, old[old_from:old_to]
            yield Part.ADDED, new[new_from:new_to]


def _sentences(words: Sequence[str]) -> list[str]:
    sentences: list[list[str]] = [[]]
    for word in words:
        sentences[-1].append(word)
        if word[-1] in ".:;!?":
            sentences.append([])
    return [" ".join(sentence) for sentence in sentences if sentence]


def _joined(runs: list[_Run]) -> list[Passage]:
    """Put runs of one kind together, and leave out the empty ones."""
    filled = [run for run in runs if run[1]]
    return [
        Passage(part, " ".join(" ".join(words) for _, words in group))
        for part, group in groupby(filled, key=lambda run: run[0])
    ]


def _shortened(words: list[str], *, first: bool, last: bool) -> list[Passage]:
    """A kept passage, with a gap where it is far from any change."""
    head, tail = 0 if first else CONTEXT_WORDS, 0 if last else CONTEXT_WORDS
    if len(words) <= head + tail + 2:
        return [Passage(Part.KEPT, " ".join(words))]
    ends = [(Part.KEPT, words[:head]), (Part.GAP, ["…"]), (Part.KEPT, words[len(words) - tail :])]
    return [Passage(part, " ".join(run)) for part, run in ends if run]


def _cut(passage: Passage) -> list[Passage]:
    words = passage.text.split()
    if len(words) > MOST_WORDS:
        more = f"… {len(words) - MOST_WORDS:,} more words"
        return [*_cut(Passage(passage.part, " ".join(words[:MOST_WORDS]))), Passage(Part.GAP, more)]
    if len(passage.text) > MOST_CHARACTERS:
        return [Passage(passage.part, passage.text[:MOST_CHARACTERS]), Passage(Part.GAP, "…")]
    return [passage]


def _first(passages: list[Passage]) -> list[Passage]:
    """As many of the passages as may be shown, and how many changes are not."""
    ends = accumulate(len(passage.text) for passage in passages)
    shown = passages[: sum(1 for _ in takewhile(lambda end: end <= MOST_SHOWN, ends))]
    hidden = sum(passage.part in (Part.REMOVED, Part.ADDED) for passage in passages[len(shown) :])
    return [*shown, Passage(Part.GAP, f"… {hidden:,} more changes")] if hidden else shown


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
