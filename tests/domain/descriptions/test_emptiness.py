"""What holds nothing, and what only a toggle left behind."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.descriptions.clean import clean_own_html, text_of
from tests.support.words import letters_of

REL = ' rel="noopener noreferrer nofollow"'
BLOCKS = ["p", "div", "h2", "h4", "ul", "li", "section", "b", "span"]


@pytest.mark.parametrize("empty", [
    "<h2></h2>", "<h3>&nbsp;</h3>", "<H2><BR></H2>", "<h4><strong>\xa0</strong></h4>", "<div></div>",
    "<div class=x>&nbsp;<br></div>", "<div><p> </p></div>", "<ul></ul>", "<ul><li></li></ul>",
    "<ol><li>&nbsp;</li>\n<li><p></p></li></ol>", "<header></header>", "<blockquote><p></p></blockquote>",
    "<p>\u200b</p>", "<p><!--more--></p>", "<p><a name=top></a></p>", "<p><a href='https://a.example'></a></p>",
    "<dl><dt></dt></dl>",
])  # fmt: skip
def test_what_holds_nothing_goes(empty):
    assert clean_own_html(f"<p>a</p>{empty}<p>b</p>") == "<p>a</p><p>b</p>"


def test_an_item_without_words_goes_and_the_list_stays():
    assert clean_own_html("<ul><li>a</li><li>&nbsp;</li><li><br></li></ul>") == "<ul><li>a</li></ul>"


@pytest.mark.parametrize("full", [
    '<p><img src="https://a.example/b.png" alt=""></p>', "<table><tbody><tr><td></td></tr></tbody></table>",
    '<div><iframe src="https://player.vimeo.com/video/1" title="Video"></iframe></div>', "<div><hr></div>",
    f'<p><a href="https://a.example/"{REL}><img src="https://a.example/b.png" alt="B"></a></p>',
])  # fmt: skip
def test_pictures_videos_lines_and_cells_are_not_nothing(full):
    assert clean_own_html(full) == full


def test_the_lines_that_an_empty_block_kept_apart_stay_apart():
    assert clean_own_html("<div>a<p></p><p>&nbsp;</p>b</div>") == "<div>a<br>b</div>"
    assert clean_own_html("<b>a</b><div><p></p></div>b") == "<b>a</b><br>b"
    assert clean_own_html("<div>a<p></p></div>") == "<div>a</div>"


@pytest.mark.parametrize("toggle", [
    "<a href='#'>Read more</a>", "<a href=''>Show less</a>", "<a href='#more' class=x>read more…</a>",
    "<a href='javascript:void(0)'><strong>[Show more]</strong></a>", "<a onclick=x>See&nbsp;more »</a>",
    "<a href='/more'>Continue reading</a>", "<a href='#'>Mehr anzeigen</a>", "<a href='#'>Ver más</a>",
    "<!--more-->", "<button>Read more</button>",
])  # fmt: skip
def test_a_toggle_that_leads_nowhere_goes(toggle):
    assert text_of(clean_own_html(f"<p>a {toggle}</p>{toggle}")) == "a"


@pytest.mark.parametrize("link", [
    f'<a href="https://a.example/more"{REL}>Read more</a>', f'<a href="mailto:a@a.example"{REL}>See more</a>',
    "Read more", "<strong>Show less</strong>",
])  # fmt: skip
def test_a_link_that_leads_somewhere_stays_whatever_it_says_and_so_do_plain_words(link):
    assert clean_own_html(f"<p>{link}</p>") == f"<p>{link}</p>"


def test_a_link_to_nowhere_that_is_no_toggle_keeps_its_words():
    assert text_of(clean_own_html("<a href='#'>Read more about the team</a> <a href='#'>Apply</a>")) == (
        "Read more about the team Apply"
    )


@given(
    st.lists(
        st.one_of(
            st.sampled_from([f"{start}{name}>" for start in ("<", "</") for name in BLOCKS]),
            st.sampled_from(["a", "b ", "&nbsp;", "<br>", " "]),
        ),
        max_size=14,
    ).map("".join)
)
def test_no_letter_goes_with_what_is_empty_and_cleaning_again_changes_nothing(soup):
    cleaned = clean_own_html(soup)
    assert letters_of(cleaned) == letters_of(soup)
    assert clean_own_html(cleaned) == cleaned


def test_nothing_empty_is_left_of_the_boards(cleaned_posts):
    empty = re.compile(r"<(p|div|h[1-6]|ul|ol|li|a)\b[^>]*>(?:\s|&nbsp;|<br>)*</\1>")
    assert [html for html in cleaned_posts.values() if empty.search(html)] == []
