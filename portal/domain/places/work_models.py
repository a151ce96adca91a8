"""The work model that words name, in the languages in which boards name it."""

import re
from functools import lru_cache
from typing import Final

from portal.domain.jobs.fields import WorkplaceType


def _any_of(words: str) -> str:
    """A pattern of alternatives that are written on several lines."""
    return "|".join(word.strip() for word in words.split("|"))


_REMOTE_WORDS: Final = _any_of(
    r"""remotely|remote|home[ -]?based|homeoffice|home-office|wfh|virtual|anywhere|
    (?:work(?:ing)?|based)[ -]from[ -](?:home|anywhere)|tele(?:commut(?:e|ing)|work(?:ing)?)|
    ortsunabhängig|mobiles arbeiten|t[ée]l[ée]travail|à distance|teletrabajo|teletrabalho|telelavoro|
    (?:(?:trabajo|trabalho|lavoro) )?(?:em |en |da )?remot[oa]|a distancia|smart working|
    thuis(?:werk(?:en)?)?|op afstand|(?:på )?distans|fjernarbejde|hjemmefra|
    (?:praca )?zdaln(?:ie|a|ej)|etätyö|удал[её]нн(?:о|ая работа)"""
)
_HYBRID_WORDS: Final = _any_of(r"hybrid[aeo]?|h[íi]brid[ao]|ibrid[oa]|hybrydow[aoy]|hybridi|hybridní")
_ONSITE_WORDS: Final = _any_of(
    r"""on[ -]?site|office[ -]?based|in[ -](?:the )?office|in[ -]person|vor ort|sur (?:site|place)|
    en présentiel|presencial|in sede|op locatie|på plats|stationär"""
)
_HEAD_OFFICE: Final = r"home office"
"""Work at home, or in the United States a head office."""
_FILLERS: Final = _any_of(
    r"""fully|full|first|only|partly|partially|100|work|working|model|role|position|job|location|
    or|and|oder|und|ou|et|o|y|e|a|an|the|in|at|from|to|en|em|im|da|per|par|pro|sem|minimum|at least|
    days?|jours|tage|week|semaine|woche|[1-5]"""
)
_UNSPACED_REMOTE: Final = (
    r"リモートワーク|フルリモート|リモート|在宅勤務|在宅|远程|遠端|원격|재택|עבודה מהבית|מרחוק"
)
_UNSPACED_HYBRID: Final = r"ハイブリッド|混合办公|하이브리드"

_MODEL_WORDS: Final = rf"{_HYBRID_WORDS}|{_REMOTE_WORDS}|{_ONSITE_WORDS}"
_UNSPACED: Final = rf"{_UNSPACED_REMOTE}|{_UNSPACED_HYBRID}"
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"

_OFFICE: Final = _any_of(
    r"""office|in[ -]person|on[ -]?site|remote|home|wfh|büro|vor ort|bureau|site|oficina|kantoor|
    biur[oz]e?|sede|ufficio|télétravail|teletrabajo|remot[oa]|casa|thuis|zdaln"""
)
_DAYS: Final = r"(?:days?|x|times|tage?n?|jours?|d[ií]as?|giorni|dagar|dagen|dni)"
_SOME: Final = r"\b[1-4](?: ?(?:[-–/]|to|bis|à) ?[1-4])?\+? ?"
_SOME_DAYS = re.compile(
    rf"{_SOME}{_DAYS}\b[\w /-]{{0,30}}?\b(?:{_OFFICE})|\b(?:{_OFFICE})[\w /:-]{{0,20}}?{_SOME}{_DAYS}\b",
    re.IGNORECASE,
)
_ALL_DAYS = re.compile(rf"\b5 ?{_DAYS}\b[\w /-]{{0,30}}?\b(?:office|in[ -]person|on[ -]?site)", re.IGNORECASE)
_PARTLY = r"(?:partly|partially|teilweise)[ -]remote|remote[ -]?/[ -]?(?:office|on-?site)"
_HYBRID = re.compile(rf"{_START}(?:{_HYBRID_WORDS}|{_PARTLY}){_END}|{_UNSPACED_HYBRID}", re.IGNORECASE)
_NOT_REMOTE = re.compile(
    _any_of(
        r"""\b(?:not?|non|nicht|kein)[ -]+remote\b|
        \b(?:open|available|possible)[ -]+(?:to|for|as)[ -]+(?:fully )?remote\b|
        \bremote[ -](?:friendly|optional(?:ly)?|options?|possible|available|considered|eligible|ok|allowed)\b|
        \bremote möglich\b|リモート(?:ワーク|勤務)?(?:可|OK)|在宅(?:勤務)?可|
        \b(?:optional(?:ly)?|option(?:al)? for|possibly|potentially)[ -]remote\b|
        \bt[ée]l[ée]travail (?:possible|partiel)\b"""
    ),
    re.IGNORECASE,
)
_REMOTE = re.compile(
    rf"{_START}(?:{_REMOTE_WORDS}){_END}|{_UNSPACED_REMOTE}|^\W*{_HEAD_OFFICE}\W*$", re.IGNORECASE
)
_ONSITE = re.compile(rf"{_START}(?:{_ONSITE_WORDS}){_END}", re.IGNORECASE)
_ONLY_MODEL = re.compile(
    rf"(?:{_START}(?:{_MODEL_WORDS}|{_HEAD_OFFICE}|{_FILLERS}){_END}|{_UNSPACED}|[\W_])+", re.IGNORECASE
)
_ONLY_FILLERS = re.compile(rf"(?:{_START}(?:{_FILLERS}){_END}|[\W_])+", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def workplace_in(text: str) -> WorkplaceType | None:
    """The work model a text names; ``None`` where it names none, or two that exclude each other."""
    said = _NOT_REMOTE.sub(" ", text[:1_000])
    if _HYBRID.search(said) or _SOME_DAYS.search(said):
        return WorkplaceType.HYBRID
    remote, onsite = _REMOTE.search(said), _ONSITE.search(said) or _ALL_DAYS.search(said)
    if bool(remote) == bool(onsite):
        return None
    return WorkplaceType.REMOTE if remote else WorkplaceType.ONSITE


@lru_cache(maxsize=4_096)
def is_only_work_model(text: str) -> bool:
    """Whether a text names a work model and no place: "Remote", "Hybrid", "Remote / Home based"."""
    return bool(workplace_in(text) and _ONLY_MODEL.fullmatch(text[:1_000]))


def offers_remote(text: str) -> bool:
    """Whether a text says that the work may be done from elsewhere, though it need not be."""
    return bool(_NOT_REMOTE.search(text[:1_000]))


_LEADING = re.compile(
    rf"^\W*(?:(?:fully|100 ?%|mostly|{_MODEL_WORDS}|{_HEAD_OFFICE}){_END}[\s/]*)+"
    r"(?:(?:with)?in(?: the)?\b|from\b|across\b|[-–—:,|/(])*\s*",
    re.IGNORECASE,
)
_LEADING_UNSPACED = re.compile(rf"^(?:{_UNSPACED})[\s\-–—:,(]*")
_TRAILING = re.compile(
    rf"(?<![\s\-–—:,(])[\s\-–—:,(]++(?:fully |100 ?% ?)?(?:{_MODEL_WORDS})\)?$", re.IGNORECASE
)
_NEARNESS = re.compile(
    r"^(?:must |to )?(?:be )?(?:based |located |living |residing )?"
    r"(?:within |in |near |from |around |across |close to |commutable to )?"
    r"(?:(?:about |approx\.? )?[0-9]+ ?(?:miles?|mi|km|kilomet(?:er|re)s|minutes|hours?)"
    r"(?: radius)? (?:of|from)|"
    r"commuting distance (?:of|to|from)|within|in|from|near|across|based) (?:the )?",
    re.IGNORECASE,
)


def without_work_model(piece: str) -> str:
    """What a piece of text says besides the work model: "Remote - US" is "US"."""
    said = _SOME_DAYS.sub(" ", _ALL_DAYS.sub(" ", _NOT_REMOTE.sub(" ", piece[:1_000]))).strip()
    said = _TRAILING.sub("", _LEADING_UNSPACED.sub("", _LEADING.sub("", said)))
    said = _NEARNESS.sub("", said.strip(" -–—:,()"))
    said = said.strip(" -–—:,()")
    is_rest = said != piece and _ONLY_FILLERS.fullmatch(said) and not said.isupper()  # "Remote OR" is Oregon
    return "" if is_rest or is_only_work_model(said) else said
