"""What changed between two texts, word by word, as a person reads it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, takewhile

MOST_PAIRS = 40_000
"""How many equal pairs of words are weighed: beyond them sentences are compared, or the whole."""
MOST_COMPARED = 3_000
"""How many words of both texts are: where each second one is new, the time grows with their square."""
CONTEXT_WORDS = 8
MOST_WORDS = 250
"""How many words of one passage are shown."""


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


def word_diff(before: str, after: str) -> list[Passage]:
    """Return all of both texts, their words in order.

    The kept and removed passages together are ``before``, the kept and added ones ``after``, each with
    single spaces. Of long texts whole sentences are compared, so the time stays short.
    """
    old, new = before.split(), after.split()
    start = _common(zip(old, new, strict=False))
    end = _common(zip(reversed(old[start:]), reversed(new[start:]), strict=False))
    middle = _compared(old[start : len(old) - end], new[start : len(new) - end])
    tail = old[len(old) - end :]
    return _joined([(Part.KEPT, old[:start]), *middle, (Part.KEPT, tail)])


def changed_passages(before: str, after: str) -> list[Passage]:
    """Return what changed with some words around it; empty when no word did."""
    passages = word_diff(before, after)
    if all(passage.part is Part.KEPT for passage in passages):
        return []
    last = len(passages) - 1
    shown: list[Passage] = []
    for place, passage in enumerate(passages):
        if passage.part is Part.KEPT:
            shown += _shortened(passage.text.split(), first=place == 0, last=place == last)
        else:
            shown += _cut(passage)
    return shown


_Run = tuple[Part, Sequence[str]]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs are equal before the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _compared(old: list[str], new: list[str]) -> list[_Run]:
    if _is_quick(old, new):
        return list(_runs(old, new))
    old_sentences, new_sentences = _sentences(old), _sentences(new)
    if _is_quick(old_sentences, new_sentences):
        return [(part, " ".join(run).split()) for part, run in _runs(old_sentences, new_sentences)]
    return [(Part.REMOVED, old), (Part.ADDED, new)]


def _is_quick(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether comparing takes a moment: it weighs each pair of equal items, once for each passage found."""
    if len(old) + len(new) > MOST_COMPARED:
        return False
    counted = Counter(new)
    return sum(number * counted[item] for item, number in Counter(old).items()) <= MOST_PAIRS


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
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
    if len(words) <= MOST_WORDS:
        return [passage]
    more = f"… {len(words) - MOST_WORDS:,} more words"
    return [Passage(passage.part, " ".join(words[:MOST_WORDS])), Passage(Part.GAP, more)]
