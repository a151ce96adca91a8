"""A description's changes are its words, and where its links and media lead."""

from portal.domain.descriptions.diff import (
    ADDRESSES,
    WORDS,
    DescriptionChange,
    Part,
    Passage,
    description_changes,
)


def test_a_link_that_leads_elsewhere_is_told_though_no_word_changed() -> None:
    before = '<p>Apply <a href="https://good.example/?a=1&amp;b=2">here</a>.</p>'
    after = before.replace("good", "evil")
    removed = Passage(Part.REMOVED, "https://good.example/?a=1&b=2")
    added = Passage(Part.ADDED, "https://evil.example/?a=1&b=2")
    assert description_changes(before, after) == [DescriptionChange(ADDRESSES, (removed, added))]


def test_words_and_addresses_are_told_apart() -> None:
    before, after = "<p>Sea</p>", '<p>Sky</p><img src="https://a.example/b c.png" alt="">'
    labels = {change.label: change.passages[-1] for change in description_changes(before, after)}
    assert labels == {
        WORDS: Passage(Part.ADDED, "Sky"),
        ADDRESSES: Passage(Part.ADDED, "https://a.example/b%20c.png"),
    }


def test_where_only_the_formatting_changed_there_is_nothing_to_show() -> None:
    assert description_changes("<p>Sea</p>", "<p><b>Sea</b></p>") == [DescriptionChange(WORDS, ())]
