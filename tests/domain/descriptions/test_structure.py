"""Hard spaces, directions, and links that are written for another page."""

import pytest

from portal.domain.descriptions.clean import clean_description, clean_own_html

REL = ' rel="noopener noreferrer nofollow"'
OWN_SITE = "https://acme.example/jobs/1?gh_jid=1"


@pytest.mark.parametrize(
    ("hard", "ordinary"),
    [
        ("We&nbsp;are&nbsp;building", "We are building"),
        ("a&nbsp;&nbsp;&nbsp;b", "a b"),
        ("Python<strong>&nbsp;-&nbsp;You</strong>", "Python<strong> - You</strong>"),
        ("Hello!\xa0We", "Hello! We"),
        ("Hello!&amp;#160;We&amp;nbsp;\xa0are&amp;nbsp;here", "Hello! We are here"),
        ("10&nbsp;km, 45&nbsp;000&nbsp;€", "10&nbsp;km, 45&nbsp;000&nbsp;€"),
        ("«&nbsp;Bonjour&nbsp;» Prix&nbsp;: 5&nbsp;€", "«&nbsp;Bonjour&nbsp;» Prix&nbsp;: 5&nbsp;€"),
    ],
)
def test_hard_spaces_between_words_let_the_line_break(hard, ordinary):
    assert clean_description(f"<p>{hard}</p>") == f"<p>{ordinary}</p>"


def test_the_spaces_of_addresses_and_of_preformatted_text_stay():
    assert clean_own_html("<pre>a&nbsp;&nbsp;b</pre>") == "<pre>a&nbsp;&nbsp;b</pre>"
    assert "q=a&nbsp;b" in clean_own_html("<p><a href='https://a.example/?q=a&nbsp;b'>c</a>&nbsp;d</p>")


@pytest.mark.parametrize(
    "said", ['style="direction: rtl; text-align: right"', 'dir="rtl"', 'class="ql-direction-rtl"']
)
def test_a_direction_is_kept_however_it_is_said(said):
    assert clean_description(f"<p {said}>x</p>") == '<p dir="rtl">x</p>'


@pytest.mark.parametrize(
    "said", ['style="flex-direction: rtl"', 'dir="up"', 'lang="\'>x"', 'lang="1"', "dir"]
)
def test_nothing_else_counts_as_a_direction_or_a_language(said):
    assert clean_description(f"<p {said}>x</p>") == "<p>x</p>"


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("/careers", "https://acme.example/careers"),
        ("#apply", f"{OWN_SITE}#apply"),
        ("?team=2", "https://acme.example/jobs/1?team=2"),
        ("//b.example/x", "https://b.example/x"),
        ("www.b.example/x", "https://www.b.example/x"),
        ("jobs@b.example", "mailto:jobs@b.example"),
    ],
)
def test_a_relative_link_leads_where_it_does_on_the_page_of_the_company(written, whole):
    made = clean_description(f'<p><a href="{written}">x</a></p>', OWN_SITE)
    assert made == f'<p><a href="{whole}"{REL}>x</a></p>'


@pytest.mark.parametrize(
    "page",
    [None, "https://boards.greenhouse.io/acme/jobs/1", "https://job-boards.eu.greenhouse.io/a", "https://[x"],
)
@pytest.mark.parametrize("written", ["/careers", "#apply", "careers.html", "", "#", "javascript:x"])
def test_a_link_that_leads_nowhere_is_its_text(page, written):
    assert (
        clean_description(f'<p>a <a href="{written}" title="t">x <b>y</b></a></p>', page)
        == "<p>a x <b>y</b></p>"
    )


@pytest.mark.parametrize(
    "written", ["//known@evil.example", "/\t/known@evil.example", "www.known@evil.example/x", "#\n"]
)
def test_no_relative_link_leads_past_its_page(written):
    assert "href" not in clean_description(f'<a href="{written}">x</a>', OWN_SITE)
