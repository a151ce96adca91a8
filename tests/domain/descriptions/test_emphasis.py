"""Bold and italics that only a style says."""

import re
from html import unescape

import pytest

from portal.domain.descriptions.clean import clean_description, clean_own_html
from tests.support.words import letters_of


@pytest.mark.parametrize(
    ("styled", "told"),
    [
        ('<p>a <span style="font-weight:bold">b</span></p>', "<p>a <strong>b</strong></p>"),
        ('<p><span style="color:red; font-weight: 700;">b</span></p>', "<p><strong>b</strong></p>"),
        ("<p><span style='font-weight:bolder'>b</span></p>", "<p><strong>b</strong></p>"),
        ('<P><SPAN STYLE="FONT-WEIGHT: bold">b</SPAN></P>', "<p><strong>b</strong></p>"),
        ('<p><span style="font-style: italic">b</span></p>', "<p><em>b</em></p>"),
        (
            '<span style="font-weight:600;font-style:oblique">b</span>',
            "<em><strong>b</strong></em>",
        ),
        (
            '<p style="font-weight:bold">a <em>b</em></p>',
            "<p><strong>a <em>b</em></strong></p>",
        ),
        (
            '<figure style="font-weight:700"><figcaption>a</figcaption></figure>',
            "<figure><figcaption><strong>a</strong></figcaption></figure>",
        ),
        (
            '<ul><li style="font-weight:600">a</li><li>b</li></ul>',
            "<ul><li><strong>a</strong></li><li>b</li></ul>",
        ),
        (
            '<div style="font-weight:800">a<p>b</p><ul><li>c</li></ul>d</div>',
            "<div><strong>a</strong><p><strong>b</strong></p><ul><li><strong>c</strong></li></ul>"
            "<strong>d</strong></div>",
        ),
    ],
)
def test_a_style_that_emphasises_becomes_an_element(styled, told):
    assert clean_own_html(styled) == told


@pytest.mark.parametrize(
    ("styled", "told"),
    [
        ('<b style="font-weight:normal;" id="docs-internal-guid"><p>a</p></b>', "<p>a</p>"),
        ('<i style="font-style:normal">a</i>', "a"),
        ('<p><strong><span style="font-weight: 400;">a</span></strong></p>', "<p>a</p>"),
        (
            '<ul><li style="font-weight: bold;"><span style="font-weight: 400;">a</span></li></ul>',
            "<ul><li>a</li></ul>",
        ),
        (
            '<p style="font-weight:bold">a <span style="font-weight:normal">b</span> c</p>',
            "<p><strong>a </strong>b<strong> c</strong></p>",
        ),
        ('<p><span style="font-weight: 400;">a</span></p>', "<p>a</p>"),
        ("<p>font-weight:bold</p>", "<p>font-weight:bold</p>"),
    ],
)
def test_no_bold_is_made_up_where_a_style_takes_it_back(styled, told):
    assert clean_own_html(styled) == told


@pytest.mark.parametrize("bold", ["<p>{}<strong>a</strong>{}</p>", "<h2>{}a{}</h2>", "<b>{}a{}</b>"])
def test_what_is_bold_already_is_not_bold_twice(bold):
    styled = bold.format('<span style="font-weight:700">', "</span>")
    assert clean_own_html(styled) == bold.format("", "")


def test_what_the_parser_refuses_or_cannot_finish_is_cleaned_all_the_same():
    unfinished = clean_own_html('<p style="font-weight:bold">a</p><![foo[ <p>b')
    assert unfinished in ("<p>a</p>b", "<p><strong>a</strong></p>b")  # since Python 3.13.4 it is not refused
    assert clean_own_html('<div style="font-weight:bold">' * 2_400 + "deep").count("deep") == 1
    assert clean_own_html('<?xml version="1.0"?><p style="font-weight:bold">a</p>') == (
        "<p><strong>a</strong></p>"
    )


def test_no_letter_of_the_boards_is_lost_and_their_one_bold_item_is_as_in_a_browser(board_posts):
    styled = [
        post["content"]
        for post in board_posts
        if re.search(r"font-(?:weight:\s*(?:bold|[6-9]00)|style:\s*italic)", unescape(post["content"]))
    ]
    assert styled
    for content in styled:
        assert letters_of(clean_description(content)) == letters_of(unescape(content))
