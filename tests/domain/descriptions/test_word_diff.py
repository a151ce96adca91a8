"""Two texts compared word by word."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.descriptions.diff import (
    MOST_SHOWN,
    MOST_STEPS,
    MOST_WORDS,
    Budget,
    Part,
    Passage,
    changed_passages,
    word_diff,
)

WORDS = st.lists(st.sampled_from(["a", "b", "c", "the", "crew.", "mast", "Zürich", "50%"]), max_size=60)
TEXTS = WORDS.map(" ".join) | st.text(max_size=200)


def of(passages: list[Passage], *parts: Part) -> str:
    return " ".join(passage.text for passage in passages if passage.part in parts)


def one_spaced(text: str) -> str:
    return " ".join(text.split())


@given(TEXTS, TEXTS)
def test_applying_the_difference_to_the_old_text_gives_the_new_one(before: str, after: str) -> None:
    passages = word_diff(before, after)
    assert of(passages, Part.KEPT, Part.REMOVED) == one_spaced(before)
    assert of(passages, Part.KEPT, Part.ADDED) == one_spaced(after)


@given(TEXTS, TEXTS)
def test_no_passage_is_empty_and_no_two_neighbours_are_of_one_kind(before: str, after: str) -> None:
    passages = word_diff(before, after)
    assert all(passage.text for passage in passages)
    assert all(one.part != other.part for one, other in pairwise(passages))


@given(TEXTS)
def test_the_same_text_has_no_changed_passage(text: str) -> None:
    assert changed_passages(text, f"  {text}\n") == []


@given(TEXTS, TEXTS)
def test_every_changed_word_is_shown(before: str, after: str) -> None:
    whole, shown = word_diff(before, after), changed_passages(before, after)
    for part in (Part.REMOVED, Part.ADDED):
        assert of(shown, part) == of(whole, part)


def test_a_changed_word_stands_between_some_that_were_kept() -> None:
    words = [f"w{number}" for number in range(100)]
    changed = [*words[:50], "new", *words[51:]]
    assert changed_passages(" ".join(words), " ".join(changed)) == [
        Passage(Part.GAP, "…"),
        Passage(Part.KEPT, " ".join(words[42:50])),
        Passage(Part.REMOVED, "w50"),
        Passage(Part.ADDED, "new"),
        Passage(Part.KEPT, " ".join(words[51:59])),
        Passage(Part.GAP, "…"),
    ]


def test_a_word_added_at_the_end_is_shown_after_the_last_ones() -> None:
    assert changed_passages("Climb the mast", "Climb the mast daily") == [
        Passage(Part.KEPT, "Climb the mast"),
        Passage(Part.ADDED, "daily"),
    ]


def test_a_long_new_passage_is_cut_and_says_by_how_much() -> None:
    shown = changed_passages("", " ".join(f"w{number}" for number in range(MOST_WORDS + 1_234)))
    assert shown[-1] == Passage(Part.GAP, "… 1,234 more words")
    assert len(shown[0].text.split()) == MOST_WORDS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the " * 20_000, "the " * 19_000 + "end"),
        ("x " + "the a of " * 8_000 + "y", "z " + "of the a " * 8_000 + "q"),
        (
            " ".join(f"s{n} the end." for n in range(6_000)),
            " ".join(f"s{n} the end." for n in range(6_000, 0, -1)),
        ),
        ("a. " * 20_000, "b " + "a. a. c. " * 9_000),
        (" ".join(f"w{n}" for n in range(20_000)), " ".join(f"w{n} x{n}" for n in range(20_000))),
        (" ".join(f"w{n}." for n in range(20_000)), " ".join(f"w{n}. x{n}." for n in range(20_000))),
    ],
    ids=[
        "one word",
        "three words",
        "sentences turned round",
        "equal sentences",
        "each second word is new",
        "each second sentence is new",
    ],
)
def test_huge_texts_are_compared_in_bounded_steps_and_rightly(before: str, after: str) -> None:
    budget = Budget(10 * MOST_STEPS)
    passages = word_diff(before, after, budget)
    assert budget.steps >= 8 * MOST_STEPS  # by words and by sentences
    assert of(passages, Part.KEPT, Part.ADDED) == one_spaced(after)
    assert of(passages, Part.KEPT, Part.REMOVED) == one_spaced(before)


def crafted(fill: str) -> str:
    """1,500 words of which each second one is shared: each equal pair of them takes a search of its own."""
    return " ".join(f"shared{n % 14} {fill}{n}" for n in range(750))


def test_texts_crafted_to_be_compared_slowly_are_shown_one_after_the_other() -> None:
    before, after = crafted("old"), crafted("new")
    assert len(word_diff(before, after)) < 5
    assert of(word_diff(before, after), Part.KEPT, Part.ADDED) == after


def test_a_budget_that_is_spent_compares_nothing_more() -> None:
    before, after = "a b c d e f", "a x c y e z"
    assert len(word_diff(before, after)) > 5
    assert len(word_diff(before, after, Budget(3))) == 3
    assert of(word_diff(before, after, Budget(3)), Part.KEPT, Part.ADDED) == after


def test_only_so_much_is_shown_of_what_changed() -> None:
    before = " ".join(f"{'o' * 90}{n} same{n}" for n in range(400))
    shown = changed_passages(before, before.replace("o", "n"))
    assert sum(len(passage.text) for passage in shown) < MOST_SHOWN + 100
    assert shown[-1].part is Part.GAP
    assert sum(len(passage.text) for passage in changed_passages("x", "y" * 100_000)) < 10_000
