"""The seniority that a custom field names: in words, without the codes of a company's own ladder."""

import re
from functools import lru_cache
from typing import Final

from portal.domain.texts import cut_line
from portal.domain.vocabulary.phrases import is_placeholder

LONGEST: Final = 100
_LADDER: Final = (
    "levels?|lvl|lv|grades?|gr|bands?|tiers?|steps?|class|stufe|niveau|nivel|livello|nível|poziom|"
    + "レベル|グレード|等級|等级"
)
_RUNG: Final = r"[A-Z]{1,4}[ -]?[0-9]{1,3}(?:[.,-][0-9IVX]+)?[A-Za-z]?(?!\w)"
_CODE: Final = (
    rf"(?:(?i:job |pay )?(?i:{_LADDER})[ .:#_-]*"
    rf"(?:[0-9]+|[IVX]+|[A-Z])(?:[.,/-][0-9IVX]+)*[A-Za-z]?(?!\w)|{_RUNG}|"
    r"[0-9]+(?:[.,/-][0-9IVX]+)*[A-Z]?(?!\w)|[IVX]+(?!\w)|[A-Z](?!\w))"
)
_BEFORE: Final = re.compile(
    rf"{_CODE}(?:\s*[:,|/)\]]\s*|\s+[-–—]\s+|(?<=[0-9])(?:\s*[-–—]\s*|\s+)(?=[^\W\d_]{{2}}))"
)
_AFTER: Final = re.compile(rf"(?:\s*[:,|/(\[]\s*|\s+[-–—]\s+){_CODE}[)\]]?$|\s+{_RUNG}$")
_YEARS: Final = (
    r"[<>≥≤~ ]*[0-9]+ ?(?:\+|(?:-|–|to|bis|à|a) ?[0-9]+ ?\+?)? ?"
    r"(?i:years?|yrs?\.?|yoe|jahre?n?|ans|années?|años|anos|anni|jaar|år|lat|年)(?: .{0,40})?"
)
_NO_WORDS: Final = re.compile(f"{_CODE}|{_YEARS}")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_KNOWN_SHORT: Final = re.compile(r"(?i:\b(?:vp|jr|sr|md|gm)\b)|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_C_LEVEL: Final = re.compile(r"(?i:c[- ]?level)")
_LADDER_ALONE: Final = re.compile(rf"(?i:{_LADDER})")


@lru_cache(maxsize=4_096)
def seniority_in(text: str) -> str | None:
    """The words of a value, without the codes beside them; ``None`` where it is no more than a code.

    "IC4 - Senior" is "Senior"; "5", "Lv. 6-II" and "Select an Option" are nothing, and neither are years of
    experience or a text that is too long to be a level.
    """
    line = cut_line(text, LONGEST + 1)
    if len(line) > LONGEST or is_placeholder(line) or _NO_WORDS.fullmatch(line):
        return None
    found = _BEFORE.match(line)
    words = _AFTER.sub("", line[found.end() :] if found else line).strip(" -–—:;,|/")
    return words if _is_worded(words) and not is_placeholder(words) else None


def _is_worded(words: str) -> bool:
    if _C_LEVEL.fullmatch(words):
        return True
    named = any(not _LADDER_ALONE.fullmatch(word) for word in _WORD.findall(words))
    return named or bool(_KNOWN_SHORT.search(_LADDER_ALONE.sub(" ", words)))
