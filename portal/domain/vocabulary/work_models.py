"""The work model that a text names.

``work_models_in`` reads what custom fields and titles say: in plain letters, and it may be a choice of
several. ``location_work_model`` reads a location as it is written, since ``without_work_model`` leaves its
place to be read.
"""

import re
from functools import lru_cache, partial
from typing import Final

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.vocabulary.phrases import Phrases, plain

_REMOTE: Final = Phrases("""
    remote|remotely|home based|homeoffice|work from home|working from home|work from anywhere|wfh|anywhere
    telecommute|telecommuting|telework|teleworking|virtual|distributed|ortsunabhängig*|fernarbeit
    télétravail|à distance|distanciel|teletrabajo|a distancia|remoto|remota|trabajo desde casa|teletrabalho
    à distância|trabalho remoto|da remoto|smart working|telelavoro|lavoro agile|thuiswerk*|op afstand
    distans|distansarbete|hjemmearbejde|fjernarbejde|hjemmekontor|fjernarbeid|etätyö*|etänä|zdaln*|na dálku
    vzdálen*|távmunka|la distanță|de la distanță|uzaktan|удаленн*|удаленка|дистанционн*|віддален*|τηλεργασία
    リモート|在宅|テレワーク|远程|遠端|遠距|居家|재택|원격|מרחוק|עבודה מהבית|عن بعد
""")
_HYBRID: Final = Phrases("""
    hybrid|hybride|hybrides|hybrid working|híbrido|híbrida|ibrido|ibrida|hybryd*|hybridi|hybridní|hibrid
    hibrit|hibrido|hybridarbete|гибрид*|гібрид*|υβριδικ*|partly remote|partially remote|part remote
    semi remote|semipresencial*|mixto|mixta|teilweise remote|teilweise homeoffice|télétravail partiel
    teletrabajo parcial|smart working parziale|blended|office and home|home and office|ハイブリッド|混合
    하이브리드|היברידי*|هجين
""")
_ONSITE: Final = Phrases("""
    on site|in office|in the office|in our office|office based|in person|on premise|on premises|on location
    on campus|in store|in clinic|in lab|lab based|site based|vor ort|im büro|büropräsenz|präsenz|sur site
    sur place|présentiel|au bureau|presencial|presencialmente|en oficina|no escritório|in presenza|in sede
    in ufficio|op locatie|op kantoor|på plats|på kontoret|lähityö|toimistolla|stacjonarn*|w biurze
    na pracovišti|irodai|la birou|ofiste|ofisten|офис|в офисе|出社|オフィス|现场|現場|坐班|출근|במשרד
    في المكتب
""")
ALL_WORDS: Final = (_HYBRID, _REMOTE, _ONSITE)
_HOME_OFFICE_ALONE: Final = Phrases(
    "home|at home|home office|office at home"
)  # in the United States also a head office
_OFFICE_ALONE: Final = Phrases("office|büro|bureau|oficina|escritório|ufficio|kantoor|kontor")

_PERHAPS_BEFORE: Final = re.compile(
    r"(?<!\w)(?:open (?:to|for)|(?:may|can|could) be|possibly|potentially|optional|options? (?:for|to)|"
    r"eligible for|not?|non|nicht|keine?|pas (?:de|en)|sin|sem|senza|geen|ingen|ej)"
    r"(?: an?| fully| 100%| some| work| working)* ?$"
)
_PERHAPS_AFTER: Final = re.compile(
    r"[ (:]*(?:(?:or |and |/ ?)?(?:remote|hybrid|on ?site|in office) )*(?:work(?:ing)? |role |position |is )*"
    r"(?:ワーク|勤務)?"
    r"(?:not (?:an option|available|possible|eligible|offered|allowed)|friendly|eligible|possible|optional|"
    r"可能?|options?|considered|ok(?:ay)?|allowed|available|negotiable|welcome|moglich|posible|possibile|"
    r"mogelijk|mojliga?)"
    r"(?!\w)"
)

_DAYS: Final = (
    r"(?<![\w.])([0-7])(?:[.,]5)?(?: ?(?:to |bis |a |or )?[1-7])?\+? ?"
    r"(?:x|times|days?|tagen?|tage|jours?|dias?|giorn[oi]|dagen?|dagar|dager|dage|dni|gun)"
    r"(?!\w)(?! ?(?:work )?week)"
    r"(?: ?(?:/|per|an?|each|every|pro|in der|par|por|la|alla|w) ?"
    r"(?:week|wk|woche|semaine|semana|settimana|uke|vecka|uge))?"
    r"(?: (?:weekly|working|of work|work|is|are|de|of|from|at|im|in|on|en|au|am))*"
)
_PART: Final = r"(?<![\w.])(\d{1,3}) ?%"
_THERE: Final = (
    r"(?:(?:in |the |our )*office|on ?site|in ?person|buro|vor ort|bureau|sur site|presencial\w*|oficina|"
    r"ufficio|sede|kantoor)(?!\w)"
)
_AWAY: Final = (
    r"(?:remote(?:ly)?|(?:from |at )?home(?: ?office)?|wfh|teletravail|a distance|teletrabajo|remoto|"
    r"thuis\w*)(?!\w)"
)
_BETWEEN: Final = r"[ :,(/]*(?:for |up to |min\.? |minimum |at least |bis zu )*"
_SHARES: Final = tuple(
    (re.compile(pattern), is_there, whole)
    for words, is_there in ((_THERE, True), (_AWAY, False))
    for share, whole in ((_DAYS, 5), (_PART, 100))
    for pattern in (f"{share} ?{words}", rf"(?<!\w){words}{_BETWEEN}{share}")
)
_RARELY: Final = re.compile(
    r"[(,;]?[^(),;]*\d ?(?:days?|times|x|weeks?) ?(?:/|per|an?|each|every) ?(?:month|quarter|year)[^(),;]*"
)
_COUNTED: Final = " hybrid # "
_DETAIL: Final = re.compile(r"(?<!\w)(hybrid\w*) ?\((?!or )[^()]*\)?")
_OR: Final = r"[;|\n]|(?<!\w)(?:or|oder|ou|o|eller|lub|veya|или)(?!\w)|または"
_CHOICE: Final = re.compile(rf"[/,]|{_OR}")
_PLAIN_CHOICE: Final = re.compile(_OR)
_SECOND_CHOICE: Final = re.compile(r"\w\W+(?:or|oder|ou|o|eller)\W+(?:also |fully |100% )?$")

Models = frozenset[WorkplaceType]
NO_MODELS: Final[Models] = frozenset()
_ONSITE_ALONE: Final = frozenset({WorkplaceType.ONSITE})
_REMOTE_ALONE: Final = frozenset({WorkplaceType.REMOTE})


@lru_cache(maxsize=4_096)
def work_models_in(text: str) -> Models:
    """The work models a text names: none where it says nothing of it, several where it leaves a choice.

    Days and shares of the time are counted: "3 days a week in the office" is hybrid, five are on site.
    What is merely possible, or denied ("remote-friendly", "not remote"), says nothing; "Lyon or remote" is a
    choice between on site and remote.
    """
    said = _RARELY.sub(" ", plain(text[:300]))
    for pattern, is_there, whole in _SHARES:
        said = pattern.sub(partial(_named_share, is_there=is_there, whole=whole), said)
    said = _without_perhaps(_DETAIL.sub(r"\1", said))
    parts = (_PLAIN_CHOICE if _COUNTED in said else _CHOICE).split(said)
    models = frozenset(model for part in parts for model in _models_of(part))
    return models | _ONSITE_ALONE if models == _REMOTE_ALONE and _is_second_choice(said) else models


def _named_share(share: re.Match[str], is_there: bool, whole: int) -> str:
    """A count of days, or a percentage, as the model it means."""
    if 0 < int(share[1]) < whole:
        return _COUNTED
    return " on site " if (int(share[1]) > 0) == is_there else " remote "


def _without_perhaps(said: str) -> str:
    def kept(found: re.Match[str]) -> str:
        before, after = said[: found.start()][-60:], said[found.end() :][:100]
        return " " if _PERHAPS_BEFORE.search(before) or _PERHAPS_AFTER.match(after) else found[0]

    for words in (_REMOTE, _HYBRID):
        said = words.sub(kept, said)
    return said


def _is_second_choice(said: str) -> bool:
    found = _REMOTE.search(said)
    return bool(found and _SECOND_CHOICE.search(said[: found.start()]))


def _models_of(part: str) -> Models:
    """The models that one option names; a hybrid one may describe itself by the other two."""
    if _HYBRID.search(part):
        return frozenset({WorkplaceType.HYBRID})
    alone = part.strip(" ().")
    there = _ONSITE.search(part) or _OFFICE_ALONE.fullmatch(alone)
    away = _REMOTE.search(part) or _HOME_OFFICE_ALONE.fullmatch(alone)
    return (_ONSITE_ALONE if there else NO_MODELS) | (_REMOTE_ALONE if away else NO_MODELS)


def _any_of(words: str) -> str:
    """A pattern of alternatives that are written on several lines."""
    return "".join(line.strip() for line in words.splitlines())


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
_DAY: Final = r"(?:days?|x|times|tage?n?|jours?|d[ií]as?|giorni|dagar|dagen|dni)"
_SOME: Final = r"\b[1-4](?: ?(?:[-–/]|to|bis|à) ?[1-4])?\+? ?"
_SOME_DAYS = re.compile(
    rf"{_SOME}{_DAY}\b[\w /-]{{0,30}}?\b(?:{_OFFICE})|\b(?:{_OFFICE})[\w /:-]{{0,20}}?{_SOME}{_DAY}\b",
    re.IGNORECASE,
)
_ALL_DAYS = re.compile(rf"\b5 ?{_DAY}\b[\w /-]{{0,30}}?\b(?:office|in[ -]person|on[ -]?site)", re.IGNORECASE)
_PARTLY = r"(?:partly|partially|teilweise)[ -]remote|remote[ -]?/[ -]?(?:office|on-?site)"
_HYBRID_PLACE = re.compile(rf"{_START}(?:{_HYBRID_WORDS}|{_PARTLY}){_END}|{_UNSPACED_HYBRID}", re.IGNORECASE)
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
_REMOTE_PLACE = re.compile(
    rf"{_START}(?:{_REMOTE_WORDS}){_END}|{_UNSPACED_REMOTE}|^\W*{_HEAD_OFFICE}\W*$", re.IGNORECASE
)
_ONSITE_PLACE = re.compile(rf"{_START}(?:{_ONSITE_WORDS}){_END}", re.IGNORECASE)
_ONLY_MODEL = re.compile(
    rf"(?:{_START}(?:{_MODEL_WORDS}|{_HEAD_OFFICE}|{_FILLERS}){_END}|{_UNSPACED}|[\W_])+", re.IGNORECASE
)
_ONLY_FILLERS = re.compile(rf"(?:{_START}(?:{_FILLERS}){_END}|[\W_])+", re.IGNORECASE)
_HINT: Final = re.compile(
    "remot|home|wfh|virtual|anywhere|tele|mobil|distan|smart|thuis|afstand|fjern|hjemme|zdaln|brid|bryd|"
    "site|office|person|ort|place|presencial|sede|locatie|bureau|oficina|kantoor|biur|ufficio|casa|"
    "fully|mostly|100"
)
"""A part of everything above that can be found in ASCII letters: most places have none of it."""


def _may_name_model(text: str) -> bool:
    """Whether it is worth it to look for a work model: eight patterns take twenty times as long."""
    return not text.isascii() or _HINT.search(text.lower()) is not None


@lru_cache(maxsize=4_096)
def location_work_model(text: str) -> WorkplaceType | None:
    """The work model a location names; ``None`` where it names none, or two that exclude each other."""
    said = text[:1_000]
    if not _may_name_model(said):
        return None
    said = _NOT_REMOTE.sub(" ", said)
    if _HYBRID_PLACE.search(said) or _SOME_DAYS.search(said):
        return WorkplaceType.HYBRID
    remote, onsite = _REMOTE_PLACE.search(said), _ONSITE_PLACE.search(said) or _ALL_DAYS.search(said)
    if bool(remote) == bool(onsite):
        return None
    return WorkplaceType.REMOTE if remote else WorkplaceType.ONSITE


@lru_cache(maxsize=4_096)
def is_only_work_model(text: str) -> bool:
    """Whether a text names a work model and no place: "Remote", "Hybrid", "Remote / Home based"."""
    return bool(location_work_model(text) and _ONLY_MODEL.fullmatch(text[:1_000]))


def offers_remote(text: str) -> bool:
    """Whether a text says that the work may be done from elsewhere, though it need not be."""
    return _may_name_model(text[:1_000]) and bool(_NOT_REMOTE.search(text[:1_000]))


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


@lru_cache(maxsize=4_096)
def without_work_model(piece: str) -> str:
    """What a piece of text says besides the work model: "Remote - US" is "US"."""
    said = piece[:1_000].strip()
    if _may_name_model(said):
        said = _SOME_DAYS.sub(" ", _ALL_DAYS.sub(" ", _NOT_REMOTE.sub(" ", said))).strip()
        said = _TRAILING.sub("", _LEADING_UNSPACED.sub("", _LEADING.sub("", said)))
    said = _NEARNESS.sub("", said.strip(" -–—:,()"))
    said = said.strip(" -–—:,()")
    is_rest = said != piece and _ONLY_FILLERS.fullmatch(said) and not said.isupper()  # "Remote OR" is Oregon
    return "" if is_rest or is_only_work_model(said) else said
