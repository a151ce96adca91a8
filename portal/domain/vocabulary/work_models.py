"""Where the work is done, by what short texts in many languages say: on site, hybrid, remote, or a choice."""

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


def work_model_in(text: str) -> WorkplaceType | None:
    """The work model a text names; ``None`` where it names none or leaves a choice."""
    models = work_models_in(text)
    return next(iter(models)) if len(models) == 1 else None


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
