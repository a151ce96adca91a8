"""Lists that are written as something else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.descriptions.clean import clean_description, clean_own_html
from tests.support.words import letters_of


@pytest.mark.parametrize("typed", [
    "<p>·&nbsp;&nbsp;&nbsp; Plan</p><p>·&nbsp;&nbsp;&nbsp; Run</p>", "<p>• Plan</p>\n<p>•Run</p>",
    "<p><span>&middot;</span><span>&nbsp; </span>Plan</p><p><strong>·</strong> Run</p>",
    "<div>- Plan</div><div>- Run</div>", "<p>–&nbsp;Plan</p><p>&nbsp;</p><p>–&nbsp;Run</p>",
    "<p>o&nbsp; Plan</p><p>o Run</p>", "<p>§&nbsp; Plan</p><p>§ Run</p>", "<p>* Plan</p><p>* Run</p>",
    "<p>\uf0b7 Plan</p><p>\uf0b7 Run</p>", "<p>• Plan<br>• Run</p>", "<p><span>- Plan<br/>\n- Run</span></p>",
    "<p class='MsoListParagraphCxSpFirst'>·  Plan</p><p class='MsoListParagraph'>·  Run</p>",
    "<ul><li>• Plan</li><li>Run</li></ul>",
    "<ol><li data-list='bullet'>Plan</li><li data-list='bullet'><span class='ql-ui'></span>Run</li></ol>",
])  # fmt: skip
def test_typed_bullets_become_one_list(typed):
    assert "".join(clean_description(typed).split()) == "<ul><li>Plan</li><li>Run</li></ul>"


@pytest.mark.parametrize("text", [
    "<p>- Ada, who leads the team</p>", "<p>§ 5 of the law</p><p>§ 6 of the law</p>", "<p>–</p><p>–</p>",
    "<p>2. Deputy</p>", "<p>1. Who</p><p>Text</p><p>2. What</p>", "<p>A. Smith</p><p>D. Jones</p>",
    "<p>1.5 years</p><p>2.5 years</p>", "<p>10 years</p><p>11 years</p>", "<p>o candidato</p>",
    "<p>-5 °C</p><p>-6 °C</p>",
])  # fmt: skip
def test_lines_that_only_look_like_items_stay(text):
    assert clean_description(text) == text


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("<p>1. a</p><p>2. b</p>", "<ol><li>a</li><li>b</li></ol>"),
        ("<p>1)&nbsp;a</p><p>2)&nbsp;b</p>", "<ol><li>a</li><li>b</li></ol>"),
        ("<p>3. a</p><p>4. b</p>", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("<p>(a) x</p><p>(b) y</p>", '<ol type="a"><li>x</li><li>y</li></ol>'),
        ("<p>I. x</p><p>II. y</p>", '<ol type="I"><li>x</li><li>y</li></ol>'),
        ("<p>1. a<br>2. b</p>", "<ol><li>a</li><li>b</li></ol>"),
        (
            "<p>1. a</p><p>2. b</p><p>1. c</p><p>2. d</p>",
            "<ol><li>a</li><li>b</li></ol><ol><li>c</li><li>d</li></ol>",
        ),
        (
            "<p>Tasks:<br>• a<br>• b<br><br>Then:<br>more</p>",
            "<p>Tasks:</p><ul><li>a</li><li>b</li></ul><p>Then:<br>more</p>",
        ),
    ],
)  # fmt: skip
def test_typed_numbers_that_go_on_become_a_list(typed, made):
    assert clean_description(typed) == made


@pytest.mark.parametrize("levels", [
    '<ul><li>One</li><li class="ql-indent-1">Two</li><li>Three</li></ul>',
    '<ul><li aria-level="1">One</li><li aria-level="2">Two</li><li aria-level="1">Three</li></ul>',
    "<p>·&nbsp; One</p><p>o&nbsp; Two</p><p>·&nbsp; Three</p>", "<p>• One</p><p>- Two</p><p>• Three</p>",
    "<p>- One</p><p style='padding-left: 40px'>- Two</p><p>- Three</p>",
    "<ul><li>One</li><li style='list-style-type: none'><ul><li>Two</li></ul></li><li>Three</li></ul>",
    "<ul><li>One</li><ul><li>Two</li></ul><li>Three</li></ul>",
    "<ul><li>One<ul><li>Two</li></ul></li><li>&nbsp;</li><li>Three</li></ul>",
    "<ul><li>One</li><li>&nbsp;<div><ul><li>Two</li></ul></div></li><li>Three</li></ul>",
    "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>One</p>"
    "<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>Two</p>"
    "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Three</p>",
])  # fmt: skip
def test_every_way_to_say_a_level_becomes_a_nested_list(levels):
    assert clean_description(levels) == "<ul><li>One<ul><li>Two</li></ul></li><li>Three</li></ul>"


def test_numbers_go_on_after_an_inner_list():
    typed = "<p>1. a</p><p>2. b</p><p>- x</p><p>- y</p><p>3. c</p>"
    assert clean_description(typed) == (
        "<ol><li>a</li><li>b<ul><li>x</li><li>y</li></ul></li><li>c</li></ol>"
    )
    assert clean_description("<p>- x</p><p>- y</p><p>1. a</p><p>2. b</p>") == (
        "<ul><li>x</li><li>y</li></ul><ol><li>a</li><li>b</li></ol>"
    )
    quill = "<ol><li>a</li><li class='ql-indent-1'>x</li><li class='ql-indent-2'>z</li><li>c</li></ol>"
    assert clean_description(quill) == ("<ol><li>a<ol><li>x<ol><li>z</li></ol></li></ol></li><li>c</li></ol>")


def test_an_item_that_only_holds_a_list_shows_one_bullet_where_no_item_is_before_it():
    assert clean_description("<ul><li><ol><li>a</li></ol></li></ul>") == "<ol><li>a</li></ol>"
    assert (
        clean_description("<ul><li><ul><li>a</li></ul></li><li>b</li></ul>")
        == "<ul><li>a</li><li>b</li></ul>"
    )


@pytest.mark.parametrize("attributes", [' type="a"', ' type="I"', ' start="3"', ' start="-1" type="i"'])
def test_letters_and_numbers_of_a_list_are_kept(attributes):
    assert clean_own_html(f"<ol{attributes}><li>a</li></ol>").startswith("<ol")
    kept = clean_description(f'<ol{attributes}><li value="7">a</li></ol>')
    assert sorted(kept.partition(">")[0].split()) == sorted(f"<ol{attributes}".split())
    assert '<li value="7">' in kept


def test_what_a_person_typed_of_an_own_job_stays_as_it_is_typed():
    assert clean_own_html("<p>- a</p><p>- b</p>") == "<p>- a</p><p>- b</p>"


BLOCKS = [f"{start}{name}>" for start in ("<", "</") for name in ("p", "ul", "ol", "li", "b", "div")]
BLOCKS += ["<li class=ql-indent-2>", "<p style='mso-list:l0 level3'>", "<br>", "<li data-list=bullet>"]
TYPED = ["• ", "- ", "o ", "1. ", "2. ", "a) ", "b) ", "x", "y ", "&nbsp;", "§ "]


@given(st.lists(st.sampled_from(BLOCKS + TYPED), max_size=16).map("".join))
@example("<ol>x<li data-list=bullet>y")
@example("<ol><ul>x</ul><li data-list=bullet>y")
@example("<ol><li class=ql-indent-2>x</li>y<li>x")
def test_no_letter_is_lost_but_markers_whatever_stands_around_them(soup):
    signs = str.maketrans("", "", "•-§o12ab).")
    cleaned = clean_description(soup)
    assert letters_of(cleaned).translate(signs) == letters_of(soup).translate(signs)
    assert clean_own_html(cleaned) == cleaned
