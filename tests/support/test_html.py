"""What is wrong with a page is found, however quickly most pages are passed."""

import random

import pytest

from tests.support.html import Checker, faults_of, is_plainly_sound

SOUND = (
    '<!doctype html><body hx-headers=\'{"a": "b"}\'><p id=a class="b c">1 &lt; 2<br><input disabled></p>'
    '<svg><path d="M0 0"/></svg><a href=?b=1>c</a><table><tr><td>1<td>2</td></tr></table>'
    "<script defer>1 < 2</script></body>"
)
FAULTY = (
    "<p>", "</p>", "<p><b></p></b>", "<p id=a><i id=a></i></p>", "<p id></p>", "<p style=x></p>",
    '<p onclick="x"></p>', "<p a a></p>", "<p/>", "<script onload=x></script>", "<table><td></tr></table>",
    '<p id="a"></p><script id="a"></script>', '<p class="></p>', "<p a='></p>",
)  # fmt: skip


def test_a_sound_page_has_no_faults() -> None:
    assert is_plainly_sound(SOUND)
    assert faults_of(SOUND) == []


@pytest.mark.parametrize("html", FAULTY)
def test_a_fault_is_said(html: str) -> None:
    assert faults_of(html)
    assert faults_of(SOUND + html)


def test_no_page_is_passed_that_the_parser_finds_a_fault_in() -> None:
    chance = random.Random(1)
    pieces = [
        *FAULTY,
        "<td>",
        "</td>",
        "<br/>",
        '"',
        ">",
        "<",
        "'",
        "/",
        "=",
        "<!--",
        "-->",
        "</script>",
        " ",
    ]
    for _ in range(1_000):
        at = chance.randrange(len(SOUND))
        html = SOUND[:at] + chance.choice(pieces) + SOUND[at + chance.randrange(4) :]
        checker = Checker()
        checker.feed(html)
        checker.close()
        assert not (is_plainly_sound(html) and (checker.faults or checker.open)), html
