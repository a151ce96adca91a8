"""What is left of a description when its looks are gone: empty blocks, links to nowhere, "read more"."""

import re

TEXT_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"})
TEXT_BLOCKS |= {"section", "article", "blockquote", "figure", "figcaption"}
"""Blocks that are nothing without a word or a picture in them."""
TABLES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
OTHER_BLOCKS = frozenset({"pre", "hr", "details", "summary"})
INLINE = frozenset({"a", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"})
INLINE |= {"code", "kbd", "samp", "var", "abbr", "cite", "q", "time"}

_LINES_GO_ON = INLINE | {"font", "span", "img", "iframe"}
_BLOCKS = "|".join(sorted(TEXT_BLOCKS))
_LOOKS = "span|strong|em|b|i|u|s|small|mark|sub|sup|font"
_BLANK = rf"(?:[\s\u200b\ufeff]|&nbsp;|</?(?:br|{_LOOKS})(?=[\s/>])[^<>]*+>)*+"
_EMPTY = rf"<(?P<NAME>{_BLOCKS})(?=[\s>])[^<>]*+>{_BLANK}</(?P=NAME)>"
_EMPTY_BLOCKS = re.compile(_EMPTY.replace("NAME", "first") + rf"(?:\s?{_EMPTY.replace('NAME', 'next')})*+\s?")
_TAG_BEFORE = re.compile(r"</?([a-z][a-z0-9]*)[^<>]*>", re.IGNORECASE)
_DEEPEST = 16
"""So many empty blocks inside one another are seen at once."""

_TOGGLES = (
    "(?:read|show|see|view|learn) (?:more|less)|continue reading|mehr (?:lesen|anzeigen)|weiterlesen"
    "|weniger anzeigen|(?:lire|voir) (?:plus|moins)|lire la suite|(?:leer|ver|mostrar) (?:más|menos)"
).replace(" ", r"(?:\s|&nbsp;)")
_HOLLOW_LINK = re.compile(
    rf"<a(?=[\s>])([^<>]*+)>({_BLANK})"
    rf"(?:[\[(.…]*+((?i:{_TOGGLES}))[\])\s.…»›→+▼▾▲▴-]*+{_BLANK})?</a>"
)
_LEADS_SOMEWHERE = re.compile(r"\shref=")


def without_leftovers(cleaned: str) -> str:
    """Cleaned HTML without empty blocks, and without links that hold nothing or that said "Read more"
    and lead nowhere.
    """
    cleaned = _HOLLOW_LINK.sub(_without_link, cleaned)
    for _ in range(_DEEPEST):
        fuller = without_empty_blocks(cleaned)
        if fuller == cleaned:
            break
        cleaned = fuller
    return cleaned


def without_empty_blocks(text: str) -> str:
    """HTML without the paragraphs, headings, list items and the like that hold no word and no picture.

    Elements that held nothing but such blocks are empty only then: they stay for the next time.
    """
    return _EMPTY_BLOCKS.sub(_nothing, text)


def _without_link(match: re.Match[str]) -> str:
    attributes, blank, toggle = match.groups()
    if not toggle:
        return str(blank)
    return match[0] if _LEADS_SOMEWHERE.search(attributes) else ""


def _nothing(match: re.Match[str]) -> str:
    # a lone </strong> in it closes something that was opened earlier: then it is left to the cleaner
    found = match[0]
    tags = found.count("<") - found.count("<br")
    if tags != 2 * found.count("</"):
        return found
    return "<br>" if _parts_a_line(match.string, match.start(), match.end()) else ""


def _parts_a_line(text: str, start: int, end: int) -> bool:
    """Whether the words before and after would run together without the block between them."""
    before = text[max(0, start - 400) : start].rstrip()
    after = text[end : end + 400].lstrip()
    if not before or not after:
        return False
    tag = _TAG_BEFORE.fullmatch(before, before.rfind("<")) if before.endswith(">") else None
    return _goes_on(tag) and _goes_on(_TAG_BEFORE.match(after))


def _goes_on(tag: re.Match[str] | None) -> bool:
    return tag is None or tag[1].lower() in _LINES_GO_ON
