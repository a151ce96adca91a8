"""What texts are folded to, which searches find them, which names are the same, and how lists are sorted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.texts import MOST_TERMS, fold, name_key, name_segment, search_terms, search_text, sort_key


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café NORD", "cafe nord"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Łódź", "lodz"),
        ("København", "kobenhavn"),
        ("İstanbul", "istanbul"),
        ("Ǆ ﬁeld", "dz field"),
        ("two\u00a0 \tspaces\n", "two spaces"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Kỹ sư phần mềm", "ky su phan mem"),
        ("Ёлка, Зо́лото", "елка, золото"),
        ("Ｆｕｌｌ－Ｓｔａｃｋ　２", "full-stack 2"),
        ("Lead…", "lead..."),
        ("מְהַנְדֵּס", "מהנדס"),
        ("مُهَنْدِس أوّل", "مهندس اول"),
        ("", ""),
    ],
)
def test_text_is_folded_to_what_people_type(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("か", "が"),
        ("は", "ぱ"),
        ("ホスト", "ポスト"),
        ("й", "и"),
        ("ї", "і"),
        ("कि", "कु"),
        ("क", "क़"),
        ("ใกล้", "ใกล"),
        ("가", "각"),
        ("기", "기사"),
    ],
)
def test_signs_that_make_another_word_are_kept(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_no_syllable_of_korean_is_found_in_another() -> None:
    assert search_text("가") not in search_text("각도")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once_and_case_never_matters(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(text.lower()) == fold(text.casefold().lower())


@given(
    st.text(
        alphabet=st.sampled_from("aeÉкйи\u0301\u0306\u0308がか\u3099\u309a\u200d\u00ad각ᄀ\u1161ゝ ﬁ'’–"),
        max_size=12,
    )
)
def test_folding_twice_is_folding_once_whatever_signs_stand_beside_each_other(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert name_key(name_key(text)) == name_key(text)


FOUND = [
    ("Women’s Health Lead", ["women's", "women’s", "womenʼs", "women´s", "womens", "women"]),
    (
        "Account Executive – Italy",
        ["executive - italy", "executive – italy", "executive — italy", "executive-italy"],
    ),
    ("Full‑Stack Engineer", ["full-stack", "full‑stack", "full stack", '"full-stack engineer"']),
    ("Full Stack Engineer", ["full-stack", "FULL—STACK"]),
    ("Software\u00adentwickler:in", ["softwareentwickler", "Software\u00adentwickler", "software"]),
    ("Pro\u200bduct Ma\u2060na\ufeffger", ["product manager", "pro\u200cduct"]),
    ("Manager “Growth” (m/w/d)", ['"growth"', "“growth”", "„growth“", "«growth»", "growth", "(m/w/d)"]),
    ("Oﬃce Cleaner, ½ day", ["office cleaner", "1/2"]),
    ("4×4 Driver", ["4x4", "4×4"]),
    ("Sr. Engineer…", ["engineer..."]),
    ("Ｄａｔａ エンジニア", ["data", "ｴﾝｼﾞﾆｱ"]),
    ("Hawaiʻi Lead", ["hawaii", "hawai'i"]),
    ("Développeur·se", ["developpeur", "DÉVELOPPEUR"]),
]


@pytest.mark.parametrize(("title", "typed"), [(title, one) for title, all_ in FOUND for one in all_])
def test_a_title_is_found_however_it_is_typed(title: str, typed: str) -> None:
    terms = search_terms(typed)
    assert terms
    assert all(term in search_text(title) for term in terms)


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Lead Data Engineer", '"data lead"'),
        ("Engineer, Data", '"data engineer"'),
        ("Senior Engineer", "“engineer senior”"),
        ("ホスト", "ポスト"),
        ("Core", "R-1"),
    ],
)
def test_words_in_quotes_are_found_as_they_stand_and_signs_that_matter_matter(title: str, typed: str) -> None:
    assert not all(term in search_text(title) for term in search_terms(typed))


def test_a_quote_that_never_ends_is_no_phrase() -> None:
    assert search_terms('"data lead') == ["data", "lead"]
    assert search_terms('27" screens') == ["27", "screens"]
    assert search_terms(' - "" ’ ') == []


def test_at_most_a_few_terms_are_looked_for_and_each_once() -> None:
    assert search_terms("a A " + " ".join(f"w{n}" for n in range(50))) == [
        "a",
        *(f"w{n}" for n in range(MOST_TERMS - 1)),
    ]


def test_tags_are_searched_like_words() -> None:
    assert search_text("Yard", None, ["Night Shift", "Öl"]) == "yard\nnight shift\nol"


def test_no_phrase_is_found_across_two_values() -> None:
    assert search_terms('"yard night"')[0] not in search_text("Yard", ["Night Shift"])


SAME = [
    [
        "Engineering",
        "ENGINEERING",
        "engineering ",
        "Engineering\u200b",
        "\ufeffEngi\u00adneering",
        "Ｅngineering",
    ],
    [
        "Customer Success",
        "Customer  Success",
        "customer\u00a0success",
        "Customer\u2009Success",
        "CustomerSuccess",
    ],
    ["R&D", "R & D", "r&d"],
    ["People’s Team", "People's Team"],
    ["Straße", "STRASSE"],
    ["Zürich", "Zu\u0308rich", "ZÜRICH"],
    ["پشتیبانی", "پشتیبانی\u200f"],
]


@pytest.mark.parametrize("spellings", SAME)
def test_names_that_differ_in_case_space_or_invisible_characters_are_one(spellings: list[str]) -> None:
    assert len({name_key(spelling) for spelling in spellings}) == 1
    for spelling in spellings:
        assert all(name_segment(spelling) in sort_key(other) for other in spellings)


@pytest.mark.parametrize(("one", "other"), [("Café", "Cafe"), ("Data", "Data 2"), ("C", "C++"), ("か", "が")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert name_segment(one) not in sort_key(other)
    assert name_segment(other) not in sort_key(one)


SORTED = [
    ["Äpfel", "apple", "Ärztin", "Éclair", "Łukasz", "Österreich", "Straße", "Strauß", "zebra", "Zoologist"],
    ["Engineer", "engineer 2", "Engineer 10", "Engineer 010 b", "Engineer II", "(EU) Engineer"],
    ["C", "C#", "C++", "Chef"],
    ["resume", "résumé", "Resumes"],
    ["“Alpha” Lead", "Beta Lead", "🚀 Gamma Lead"],
    ["1 Lead", "02 Lead", "Lead", "Ведущий", "かき", "がき", "主任", "기사"],
    ["Вода", "Ґанок", "Дім", "Ёлка", "Ємність", "Житло", "Ігор", "Їжак", "Йога", "Яр"],
    ["New York", "Newark", "O'Brien", "Obstetrics"],
]


@pytest.mark.parametrize("texts", SORTED)
def test_texts_are_sorted_as_people_would(texts: list[str]) -> None:
    keys = [sort_key(text) for text in texts]
    assert keys == sorted(set(keys))


@given(st.lists(st.text(max_size=20), max_size=8))
def test_the_order_by_bytes_is_the_order_by_characters(texts: list[str]) -> None:
    keys = [sort_key(text.encode("utf-8", "replace").decode()) for text in texts]
    assert sorted(keys) == sorted(keys, key=lambda key: key.encode())


def test_nothing_has_an_empty_key_and_nothing_else_has() -> None:
    assert sort_key(None) == sort_key("") == ""
    assert sort_key("–") > ""
