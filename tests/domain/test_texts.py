"""Text as it is stored: cleaned of what cannot be seen, its entities decoded once."""

import pytest

from portal.domain.texts import cut_line, decode_entities, each_once, one_line, trimmed


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("R&amp;D", "R&D"),
        ("R&D", "R&D"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("Caf&eacute; &#8211; Z&#xFC;rich", "Café – Zürich"),
        ("Terms &copy=1, M&notes, AT&T; &bogus; &;", "Terms &copy=1, M&notes, AT&T; &bogus; &;"),
        ("5 &lt; 6", "5 < 6"),
        ("plain", "plain"),
    ],
)
def test_entities_are_decoded_once(said: str, shown: str) -> None:
    assert decode_entities(said) == shown


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("Engineering\u200b", "Engineering"),
        ("\ufeff Engi\u00adneering\u2060 ", "Engineering"),
        ("Customer\u00a0 Success", "Customer Success"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("C++\u200e", "C++\u200e"),
        ("👩\u200d🔬 Lab", "👩\u200d🔬 Lab"),
        ("\u200b", ""),
    ],
)
def test_names_are_stored_without_what_cannot_be_seen_but_for_signs_that_shape_them(
    said: str, stored: str
) -> None:
    assert cut_line(said, 100) == one_line(said, 100) == stored


def test_what_cannot_be_seen_is_left_out_of_a_cut_line_whatever_else_it_says() -> None:
    assert cut_line("one\x07two", 100) == "one two"
    assert cut_line("one\u3164\u034ftwo", 100) == "onetwo"  # Python calls these printable


def test_of_a_title_only_the_ends_are_trimmed() -> None:
    assert trimmed("\u200b Software\u00adentwickler\ufeff\n") == "Software\u00adentwickler"


def test_each_name_is_kept_once_in_its_first_spelling() -> None:
    assert each_once(["Data", "data ", "", "DATA\u200b", "Da ta", "Dáta"]) == ["Data", "Dáta"]
