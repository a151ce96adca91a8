"""Descriptions as Markdown: rendered, cleaned, and made again of HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.descriptions.clean import clean_own_html, text_of
from portal.domain.descriptions.markdown import markdown_of, render_markdown

PLAIN = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=40)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# Tasks\n\nWeld.", "<h2>Tasks</h2>\n<p>Weld.</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("<script>alert(1)</script>\n\nYes", "<p>Yes</p>"),
        ("<b onclick=x>b</b>", "<p><b>b</b></p>"),
        ("", ""),
    ],
)
def test_markdown_is_rendered_and_cleaned(source, html):
    assert render_markdown(source) == html


def test_a_link_leads_to_the_web_alone():
    assert 'href="https://acme.example/' in render_markdown("[a](https://acme.example/)")
    for address in ("javascript:alert(1)", "data:text/html,x", "vbscript:x"):
        assert "href" not in render_markdown(f"[a]({address})")


def test_a_table_is_a_table():
    assert "<td>2</td>" in render_markdown("| a | b |\n| - | - |\n| 1 | 2 |")


@pytest.mark.parametrize(
    "source",
    [
        "## Tasks\n\nYou **weld** *masts*\nand more.\n\n- a\n  - b\n- c\n\n1. x\n2. y",
        "[Our team](https://acme.example/team) and <https://acme.example/>",
        "> said\n\n`code`\n\n---\n\nx<sup>2</sup> and <u>under</u>",
        "| a | b |\n| --- | --- |\n| 1 | 2 \\| 3 |",
        '<iframe src="https://www.youtube-nocookie.com/embed/abc" title="Video"></iframe>',
    ],
)
def test_html_made_of_markdown_becomes_the_same_html_again(source):
    html = render_markdown(source)
    assert render_markdown(markdown_of(html)) == html


@given(PLAIN)
def test_no_character_of_a_text_is_taken_for_markup(text):
    html = clean_own_html("<p>x" + text.replace("&", "&amp;").replace("<", "&lt;") + "</p><p>end</p>")
    assert text_of(render_markdown(markdown_of(html))) == text_of(html)


@pytest.mark.parametrize(
    "line", ["# no", "- no", "+ no", "1. no", "2) no", "> no", "===", "---", "~~~", "* no"]
)
def test_a_line_that_looks_like_markup_stays_a_line(line):
    html = clean_own_html(f"<p>{line.replace('>', '&gt;')}</p><p>a<br>{line.replace('>', '&gt;')}</p>")
    assert text_of(render_markdown(markdown_of(html))) == f"{line} a {line}"
    assert "<h" not in render_markdown(markdown_of(html))


def test_what_nests_without_end_becomes_its_words():
    assert markdown_of("<div>" * 2_000 + "deep" + "</div>" * 2_000) == "deep"
    assert markdown_of("<b>x</b>" * 6_000).startswith("xxx")
    assert render_markdown("> " * 15 + "deep").startswith("<blockquote>")
    assert render_markdown("> " * 5_000 + "deep") == ""  # nothing is read that stands so deep


def test_terms_and_what_they_mean_stay_readable():
    assert markdown_of("<dl><dt>Pay</dt><dd>Good</dd></dl>") == "**Pay**\nGood"
