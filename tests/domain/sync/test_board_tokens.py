from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.sync.board_tokens import (
    InvalidApiKey,
    InvalidBoardToken,
    last_four,
    parse_api_key,
    parse_board_token,
)

KEY = "a1b2c3d4e5f6a7b8c9d0-1"


@pytest.mark.parametrize(
    "typed",
    [
        "acme",
        "  Acme\n",
        "\u200bacme\ufeff",
        "acme,",
        '"acme",',
        "https://boards.greenhouse.io/acme.",
        "https://boards.greenhouse.io/acme",
        "https://boards.greenhouse.io/acme/",
        "boards.greenhouse.io/Acme",
        "//boards.greenhouse.io/acme",
        "http://boards.greenhouse.io/acme?gh_src=abc",
        "https://job-boards.greenhouse.io/acme/jobs/123",
        "https://job-boards.eu.greenhouse.io/acme#open",
        "https://BOARDS.greenhouse.io/embed/job_board?for=acme",
        "https://boards.greenhouse.io/embed/job_board/js?for=acme&b=https%3A%2F%2Facme.example",
        "https://boards.greenhouse.io/embed/job_app?token=12&for=acme",
        "https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true",
        "boards-api.greenhouse.io/v1/boards/ACME",
        "acme/",
        '"acme"',
        "“acme”",
        "<https://boards.greenhouse.io/acme>",
        "https://boards.greenhouse.io:443/acme",
        "http://boards.greenhouse.io:80/acme",
        "https://boards.eu.greenhouse.io/acme",
        '<div id="grnhse_app"></div>\n<script src="https://boards.greenhouse.io/embed/job_board/js?for=acme"></script>',
        "<script src='https://boards.eu.greenhouse.io/embed/job_board/js?b=https%3A%2F%2Facme.example&amp;for=acme'>",
        '<iframe src="//boards.greenhouse.io/embed/job_board?for=acme" width="100%"></iframe>',
        '<a href="https://acme.example">us</a> <a href="https://job-boards.greenhouse.io/acme/jobs/1">job</a>',
    ],
)
def test_a_token_or_the_address_of_its_board_gives_the_token(typed):
    assert parse_board_token(typed) == "acme"


@pytest.mark.parametrize("typed", ["a", "a" * 100, "the-org_2"])
def test_a_token_is_one_path_segment_of_up_to_a_hundred_characters(typed):
    assert parse_board_token(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "a" * 101, "..", ".", "%2e%2e", "a b", "ac\nme", "acme\x00", "acme?x", "acme#", "a@b",
        "äcme", "acme/../other", "acme/jobs", "/acme", "a\u202eb",
        "https://evil.example/acme",
        "https://boards.greenhouse.io.evil.example/acme",
        "https://boards.greenhouse.io@evil.example/acme",
        "https://user@boards.greenhouse.io/acme",
        "https://boards.greenhouse.io:8443/acme",
        "https://boards.greenhouse.io:80/acme",
        "<script src='https://boards.greenhouse.io.evil.example/embed/job_board/js?for=acme'></script>",
        "<b>acme</b>",
        "acme//",
        "https://boards.greenhouse.io/",
        "https://boards.greenhouse.io/%2e%2e",
        "https://boards.greenhouse.io/../x",
        "https://boards.greenhouse.io/ac\nme",
        "https://boards.greenhouse.io/embed/job_board",
        "https://boards.greenhouse.io/embed/job_board?for=..",
        "https://boards-api.greenhouse.io/v1/boards/",
        "ftp://boards.greenhouse.io/acme",
        "javascript://boards.greenhouse.io/acme",
        "https://[boards.greenhouse.io/acme",
        "https://careers.acme.example/?gh_jid=12",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_to_do(typed):
    with pytest.raises(InvalidBoardToken, match=r"Configure → Job Boards"):
        parse_board_token(typed)


@given(st.text())
def test_whatever_is_typed_ends_as_a_safe_segment_or_as_a_sentence(typed):
    with suppress(InvalidBoardToken):
        token = parse_board_token(typed)
        assert set(token) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
        assert 1 <= len(token) <= 100


@pytest.mark.parametrize("key", [KEY, "x" * 16, "~" * 128, "!\"#$%&'()*+,-./:;<=>?@"])
def test_a_key_is_taken_as_it_is_but_for_the_space_around_it(key):
    assert parse_api_key(f" \t{key}\n") == key


@pytest.mark.parametrize(
    "typed",
    [
        f'"{KEY}"',
        f"'{KEY}'",
        f"“{KEY}”",
        f"`{KEY}`",
        f"{KEY}:",
        f'"{KEY}:"',
        f" {KEY}: ",
        f"\u200b{KEY}",
        f'"{KEY}":',
        f'"{KEY}",',
        f"{KEY};",
    ],
)
def test_what_stands_around_a_key_in_a_file_or_a_command_is_left_out(typed):
    assert parse_api_key(typed) == KEY


@pytest.mark.parametrize(
    "key", ["", "x" * 15, "x" * 129, KEY + " " + KEY, KEY + "é", KEY + "\x00", KEY + "\x7f"]
)
def test_a_refused_key_is_never_repeated_in_the_error(key):
    with pytest.raises(InvalidApiKey, match="API Credentials") as caught:
        parse_api_key(key)
    assert key[:8] not in str(caught.value) or not key
    assert caught.value.__cause__ is None


def test_only_the_end_of_a_key_is_shown():
    assert last_four(parse_api_key(KEY)) == "d0-1"
