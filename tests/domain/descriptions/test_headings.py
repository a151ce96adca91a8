"""The outline of a description, alone and on a page."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.descriptions.clean import (
    beneath,
    clean_own_html,
    with_headings_in_order,
)


def written(levels):
    return "".join(f"<h{level}>x</h{level}>" for level in levels)


def levels_of(html):
    return "".join(re.findall(r"<h([1-6])", html))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("2", "2"),
        ("1", "2"),
        ("4444", "2222"),
        ("344433", "233322"),
        ("1333", "2333"),
        ("2423", "2323"),
        ("2335", "2334"),
        ("3332", "2222"),  # nothing stands above the first
        ("3233", "2233"),
        ("12345654", "23456665"),  # there is no seventh level: what stands deeper shares the sixth
        ("42465", "22344"),
    ],
)
def test_the_first_heading_is_an_h2_and_no_level_is_skipped(before, after):
    assert levels_of(clean_own_html(written(before))) == after


@given(st.lists(st.integers(1, 6), max_size=12))
def test_what_is_in_order_stays_so_and_no_heading_is_more_than_one_level_below_the_last(levels):
    ordered = with_headings_in_order(written(levels))
    assert with_headings_in_order(ordered) == ordered
    found = [int(level) for level in levels_of(ordered)]
    assert all(2 <= level <= last + 1 for last, level in zip([1, *found], found, strict=False))


def test_a_heading_that_holds_nothing_is_no_part_of_the_outline():
    assert (
        clean_own_html("<h1>&nbsp;</h1><h2></h2><h3>a</h3><H4><br></H4><h5>b</h5>") == "<h2>a</h2><h3>b</h3>"
    )


def test_a_heading_that_nobody_sees_is_no_part_of_the_outline():
    assert clean_own_html("<!-- <h2>a</h2> --><h4>b</h4><template><h2>c</h2></template>") == "<h2>b</h2>"


@pytest.mark.parametrize("broken", ["<h4>a<p>b", "</h3><h4>a</h2>b", "<h4>a<h5>b</h5>", "<h4><h4>a"])
def test_headings_left_open_or_closed_by_another_end_well(broken):
    cleaned = clean_own_html(broken)
    assert levels_of(cleaned).startswith("2")
    assert cleaned.count("<h2") == cleaned.count("</h2")


def test_a_paragraph_of_nothing_but_bold_stays_a_paragraph():
    assert clean_own_html("<p><strong>Who we are</strong></p>") == "<p><strong>Who we are</strong></p>"


def test_on_a_page_the_headings_stand_beneath_the_page_s_own():
    described = '<h2 lang="en">a</h2><h3>b</h3><p>&lt;h2&gt;</p><hr>'
    assert beneath(2, described) == '<h3 lang="en">a</h3><h4>b</h4><p>&lt;h2&gt;</p><hr>'
    assert beneath(4, "<h2>a</h2><h3>b</h3><h4>c</h4>") == "<h5>a</h5><h6>b</h6><h6>c</h6>"
    assert beneath(1, described) == described


def test_no_description_of_the_boards_skips_a_level_or_holds_an_empty_heading(board_posts, cleaned_posts):
    cleaned = set(cleaned_posts.values())
    outlines = [[int(level) for level in levels_of(html)] for html in cleaned]
    skipping = [
        levels
        for levels in outlines
        if any(level > last + 1 for last, level in zip([1, *levels], levels, strict=False))
    ]
    assert skipping == []
    assert [
        html for html in cleaned if re.search(r"<h(\d)[^>]*>(?:\s|&nbsp;|<[^/][^>]*>)*</h\1>", html)
    ] == []
    with_headings = [post for post in board_posts if re.search(r"<h[1-6]", unescape(post["content"]))]
    assert len(with_headings) > 0.575 * len(board_posts)
