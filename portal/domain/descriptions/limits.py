"""Bound what a parser can make of HTML: how many tags it holds, and how deep they nest.

Parsing time grows by the square of the depth, and a parser opens every unclosed ``<b x>`` again in each
paragraph after it: 35 KB became 40 million characters. HTML of ordinary size passes untouched; other HTML
is written out again with each tag closed in order, without comments, and without the tags over the limits.
All of its text stays.
"""

import re
from collections import Counter
from typing import Final

MOST_TAGS: Final = 5_000
MOST_DEPTH: Final = 40
"""A real description has some hundred tags, four deep."""

_ORDINARY_LENGTH: Final = 50_000
_ORDINARY_TAGS: Final = 400
_ORDINARY_FORMATTING: Final = 20

_FORMATTING: Final = re.compile(
    # what it may begin with is said first, and "<" outside of what ignores case: a fifth of the time
    r"<(?=[bcefinstuBCEFINSTU\u0130\u0131\u017f])"
    r"(?i:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]"
)
"""The start of an element with attributes that a parser opens again where a paragraph ended before it."""

_VOID = {"br", "hr", "img", "wbr"}
_BLOCKS = {"article", "aside", "blockquote", "center", "details", "div", "dl", "figcaption", "figure"}
_BLOCKS |= {"footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre"}
_BLOCKS |= {"section", "summary", "table", "ul"}
_PARTS = {"caption", "dd", "dt", "li", "tbody", "td", "tfoot", "th", "thead", "tr"}
_INLINE = {"a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "iframe", "ins", "kbd", "mark"}
_INLINE |= {"q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "u", "var"}
_WRITTEN = _BLOCKS | _PARTS | _VOID | _INLINE
_SKIPPED = {"button", "datalist", "head", "iframe", "math", "noembed", "noframes", "noscript", "object"}
_SKIPPED |= {"script", "select", "style", "svg", "template", "textarea", "title", "xml", "xmp"}
_CELLS: Final = {"td", "th"}
_ROW_GROUPS: Final = {"thead", "tbody", "tfoot"}
_TERMS: Final = {"dt", "dd"}
_TABLE: Final = {"table"}
_CONTAINERS: Final = _TABLE | _CELLS | {"caption"}
_NOTHING: Final = (set[str](), set[str]())
_ENDS: Final = {
    **dict.fromkeys(_BLOCKS, ({"p"}, _CONTAINERS)),
    "a": ({"a"}, _CONTAINERS),
    "li": ({"li"}, {"ul", "ol"}),
    **dict.fromkeys(_TERMS, (_TERMS, {"dl"})),
    **dict.fromkeys(_CELLS, (_CELLS, _TABLE | {"tr"})),
    "tr": ({"tr"}, _TABLE),
    **dict.fromkeys(_ROW_GROUPS, (_ROW_GROUPS, _TABLE)),
}
"""Which open elements the start of one ends, and at which looking for them stops."""

# Every alternative may end where the text does, so that none fails after having read it all.
_TOKEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:[!?]|/(?![a-zA-Z]))[^>]*+(?:>|\Z)"
    r"""|<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]|=\s*(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))|=)*+)(?:>|\Z)""",
    re.DOTALL,
)
_QUOTE: Final = '"'
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z][\w-]*+)(?:\s*=\s*(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"']++)))?""")


def bounded(unsafe: str) -> str:
    """Return HTML with at most ``MOST_TAGS`` tags, at most ``MOST_DEPTH`` deep, and the same text.

    The result is no safer than what came: it is still to be cleaned.
    """
    return unsafe if _is_ordinary(unsafe) else _Writer().write(unsafe)


def _is_ordinary(unsafe: str) -> bool:
    tags = unsafe.count("<")
    if len(unsafe) > _ORDINARY_LENGTH or tags > _ORDINARY_TAGS:
        return False
    return tags <= _ORDINARY_FORMATTING or len(_FORMATTING.findall(unsafe)) <= _ORDINARY_FORMATTING


class _Writer:
    """Writes HTML out again, token by token, in one pass."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._left_out: Counter[str] = Counter()
        self._tags = 0

    def write(self, unsafe: str) -> str:
        at = 0
        while token := _TOKEN.search(unsafe, at):
            self._out.append(unsafe[at : token.start()].replace("<", "&lt;"))
            at = token.end()
            name = (token[2] or "").lower()
            if token[1]:
                self._end(name)
            elif name in _SKIPPED:
                at = _end_of(name, unsafe, at)
                if name in _WRITTEN:
                    self._start(name, token[3])
                    self._end(name)
            elif name in _WRITTEN:
                self._start(name, token[3])
        self._out.append(unsafe[at:].replace("<", "&lt;"))
        self._close(0)
        return "".join(self._out)

    def _start(self, name: str, attributes: str) -> None:
        ends, stops = _ENDS.get(name, _NOTHING)
        for place in reversed(range(len(self._open) if ends else 0)):
            if self._open[place] in stops:
                break
            if self._open[place] in ends:
                self._close(place)
                break
        if self._tags >= MOST_TAGS or len(self._open) >= MOST_DEPTH:
            self._leave_out(name)
            return
        self._tags += 1
        self._out.append(f"<{name}{_written(attributes)}>")
        if name not in _VOID:
            self._open.append(name)

    def _end(self, name: str) -> None:
        if self._left_out[name]:
            self._left_out[name] -= 1
            self._part_words(name)
        elif name in self._open:
            self._close(len(self._open) - 1 - self._open[::-1].index(name))

    def _leave_out(self, name: str) -> None:
        self._part_words(name)
        if name not in _VOID:
            self._left_out[name] += 1

    def _part_words(self, name: str) -> None:
        """Where a block is left out, its words stay apart from their neighbours."""
        if name in _BLOCKS or name in _PARTS or name == "br":
            self._out.append(" ")

    def _close(self, place: int) -> None:
        """End the open elements from this place of the stack on, the innermost first."""
        while len(self._open) > place:
            self._out.append(f"</{self._open.pop()}>")


def _written(attributes: str) -> str:
    found = _ATTRIBUTE.findall(attributes) if attributes.strip("/ ") else ()
    values = ((name, double or single or bare) for name, double, single, bare in found)
    return "".join(f' {name}="{value.replace(_QUOTE, "&quot;")}"' for name, value in values)


def _end_of(name: str, unsafe: str, at: int) -> int:
    """Return where the content of an element ends that is left out with it; unclosed it has all the rest."""
    end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE).search(unsafe, at)
    return end.end() if end else len(unsafe)
