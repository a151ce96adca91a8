"""What no template may say; pieces that are kept follow from the values that they were given alone."""

import re

from portal.config import REPOSITORY
from tests.support.app import Cast, PortalClient
from tests.support.manage_html import MANAGE

TEMPLATES = REPOSITORY / "templates"
KEPT = re.compile(r'fragment\("([^"]+)"')
RELATIVE = re.compile(r"\b(?:since|until) (?:<[^>]+>)?\{\{ when", re.IGNORECASE)
USED = re.compile(r'{% (?:include|import|from|extends) "([^"]+)"')
OF_THE_REQUEST = re.compile(
    r"\b(?:csrf|csrf_token|request|session|shell|current_user|config|get_flashed_messages|g\.\w+)\b"
    r"|\| (?:day|moment)\b"
)


def kept_templates() -> set[str]:
    """Every template that is kept, with all that it includes."""
    sources = (*TEMPLATES.rglob("*.html"), *(REPOSITORY / "portal" / "web").rglob("*.py"))
    found = {name for path in sources for name in KEPT.findall(path.read_text())}
    waiting = list(found)
    while waiting:
        used = set(USED.findall((TEMPLATES / waiting.pop()).read_text())) - found
        found |= used
        waiting += used
    return found


def test_no_fragment_says_whose_page_it_is_in_or_when() -> None:
    assert kept_templates()
    told = {name: OF_THE_REQUEST.findall((TEMPLATES / name).read_text()) for name in kept_templates()}
    assert {name: words for name, words in told.items() if words} == {}


def test_a_fragment_with_addresses_of_assets_is_given_their_version() -> None:
    for name in kept_templates():
        if "asset(" in (TEMPLATES / name).read_text():
            [call] = [
                call
                for path in TEMPLATES.rglob("*.html")
                for call in re.findall(rf'fragment\("{name}"([^)]*\))', path.read_text())
            ]
            assert "version=version()" in call


def test_a_list_that_was_shown_before_is_not_shown_in_the_place_of_another(
    cast: Cast, mara: PortalClient
) -> None:
    for asked in ("first", "second", "first"):
        assert f'name="q" value="{asked}"' in mara.get(f"{MANAGE}?q={asked}").text


def test_no_page_says_since_some_minutes_ago() -> None:
    texts = {path.name: path.read_text() for path in TEMPLATES.rglob("*.html")}
    assert [name for name, text in texts.items() if RELATIVE.search(text)] == []
