"""Read the employment type and the work model from a job's title, where it sets them apart from the trade."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from portal.domain.places.countries import country_code, is_world_region
from portal.domain.vocabulary import employment, work_models
from portal.domain.vocabulary.employment import Said, employment_said
from portal.domain.vocabulary.phrases import Phrases, plain
from portal.domain.vocabulary.work_models import NO_MODELS, Models, work_models_in

_BRACKETS: Final = re.compile(r"[(\[{（【［]([^()\[\]{}（）【】［］]*)[)\]}）】］]")
_APART: Final = re.compile(r"\s+[-–—−~/]+|[-–—−]+\s+|[|•·,;–—]|:\s|//")
_WITHIN: Final = re.compile(r"[,;/|•·–—:]|\s-+\s")
_OR_REMOTE: Final = re.compile(r"/\s*(?:fully )?remote(?!\w)|(?<!\w)remote\s*/(?=\s*\w)", re.IGNORECASE)
"""Remote as one of two, where the other is a town: "(London/Remote)"."""
_GENDERS: Final = re.compile(
    r"[(\[]?(?<!\w)(?:[mwfdxhiganu]{1,2}\s?[/|*.,]\s?){1,3}[mwfdxhiganu]{1,2}(?!\w)[)\]]?|"
    r"[(\[](?:all genders?|alle geschlechter|any gender|gn|divers)[)\]]|(?:\*|:|/-?)(?:in(?:nen)?|r)(?!\w)",
    re.IGNORECASE,
)
_AMBIGUOUS: Final = Phrases("""
    contracts|contracting|consultant|consulting|b2b|trainee|traineeship|pt|stages|season|temporal|eventual
    integral|vacation|distributed|blended|beca|sow|konsult|definite|collaborazione|temporada|dpp|pfa|regular
    externship*|volontariat|kontrakt|prestation|student|студент|vast|fast|ongoing|unlimited|indefinite
""")
"""What names a trade in titles, and a type of employment in a field for it."""
_FILLERS: Final = Phrases("""
    fully|full|only|first|role|position|job|hire|perm|opportunity|project|schedule|basis|based|contractor
    employee|in|within|from|at|to|or|and|the|a|an|of|for|up|all|oder|und|im|der|ou|et|en|o|e|y|de|du|bereich
    paid|unpaid|summer|fall|autumn|winter|spring|semester|term|1st|2nd|3rd|shift|shifts|day|days|night
    nights|evening|evenings|weekend|weekends|morning|mornings|overnight|flexible|hours|hour|hrs|h|std
    stunden|week|weeks|weekly|woche|month|months|monat|monate|mois|meses|mesi|maanden|year|years|jahr|jahre
    per|pro|par|w2|hourly|exempt|start|us|usa|uk|eu|worldwide|global|globally|est|pst|cst|mst|edt|pdt|cet
    cest|gmt|utc|time|zone|timezone|coast|east|west|region|is|this|it|careers|career|page|website|posting
    listing|field|status|flag|work|working|worker|january|february|march|april|may|june|july|august
    september|october|november|december|cover|maternity|フル|ワーク|勤務
""")
_TRADE: Final = re.compile(
    r"(?:manager|betreuer|koordinator|leiter|berater|referent|trainer|verwalter|bearbeiter|beauftragte)"
    r"(?:in|innen|n|r|e)?(?!\w)"
)
_COUNTED: Final = re.compile(r"%|\d ?(?:h|std|stunden|uur|fte)")
_HOURS: Final = re.compile(
    r"\d{1,2}(?:[.,]\d)?(?: \d{1,2}(?:[.,]\d)?)? ?(?:h|hrs?|hours?|std|stunden|heures|horas|uur|timmar)\.?"
    r"(?: ?(?:/|per|a|pro|par|por) ?(?:week|wk|w|woche|semaine|semana))?"
)
_SHARE: Final = re.compile(r"\d{2,3} ?%?(?: ?(?:to |bis )?\d{2,3})? ?%")
_EQUIVALENT: Final = re.compile(r"\d(?:[.,]\d{1,2})? ?fte")
_SIGNS: Final = re.compile(r"[\d\W_]+")
_INTERN: Final = (
    r"interns?|internships?|praktikant(?:in|innen)?|praktikum|werkstudent(?:in)?|working student|co ?op|"
    r"apprentice(?:ship)?|stagiaire|stagista|becari[oa]|pasante|practicante|estagiari[oa]|estagio|tirocinante|"
    r"alternante?|apprentie?|stajyer|stagiair|praktikantka|stazyst(?:a|ka)|volunteer|freelancer"
)
_HEAD: Final = re.compile(
    rf"(?<!\w)(?<!of )(?<!for )({_INTERN})(?: (?:[ivx]+|q?\d+|summer|fall|autumn|winter|spring))*$"
)
_TRAILING: Final = re.compile(
    r"(?<!\w)(?:in|en|a|au|als) (teilzeit|vollzeit|alternance|apprentissage|cdd|temps partiel|temps plein|"
    r"practicas|part ?time|full ?time)$|(?<![\w.])(\d{2,3}(?: ?%)?(?: ?\d{2,3})? ?%)$"
)
_LEADING: Final = re.compile(
    r"(?:(?:paid|unpaid|summer|winter|fall|autumn|spring|\d{4}) )*(?:"
    r"(praktikant(?:in)?|praktikum|pflichtpraktikum|werkstudent(?:in)?|werkstudententatigkeit|werkstudierende[rn]?|"
    r"working student|stagiaire?|stagista|becari[oa]|pasante|practicante|estagiari[oa]|estagio|tirocinio|"
    r"tirocinante|alternance|alternante?|apprentie?|ausbildung|duales studium|auszubildende[rn]?|azubi|"
    r"practicas|staz|praktyki|praktykant(?:/?ka)?|stazystk?a(?:/ka)?|stajyer|"
    r"part ?time|teilzeit|minijob)(?!\w)"
    r"(?! (?:and|&|program|coordinat|manag|recruit|supervis|mba|student|degree|educat|school|faculty aff))|"
    r"(internship|intern|apprenticeship|apprentice|stage)"
    r"(?= (?:in|for|as|with|at|im|als|en|de|d'|chez|bei|di|da) ))"
)
_TURNED_ROUND: Final = re.compile(
    r"(?:(?:senior|sr\.?|associate|assistant|global|regional|group|vice|executive|deputy|general) ?)*"
    r"(?:manager|director|head|lead|coordinator|president|[sa]?vp|supervisor|specialist|officer|advisor|recruiter|"
    r"administrator|counsel)\s*,",
    re.IGNORECASE,
)
"""The trade of "Director, Internship" is internships."""
_ALL_WORDS: Final = (*employment.ALL_WORDS, *work_models.ALL_WORDS)
_ANY_WORDS: Final = Phrases.all_of(_ALL_WORDS)
_LONGEST: Final = 300


class TitleSays(NamedTuple):
    """What a title says; nothing, one thing or several of each."""

    employment: Said
    models: Models


@lru_cache(maxsize=2_048)
def title_says(title: str) -> TitleSays:
    """What stands in brackets, or between dashes and commas, of a title, and is no trade.

    "Store Associate (Part-Time)" and "Engineer – Remote (UK)" say it; "Contract Manager", "Hybrid Cloud
    Architect" and "Engineer, Remote Sensing" do not. A part may end with an intern ("Design Intern, Summer").
    """
    line = _GENDERS.sub(" – ", title[:_LONGEST])
    if not _may_say(plain(line)):
        return TitleSays(Said(), NO_MODELS)
    said, models = Said(), NO_MODELS
    for part in _parts(line):
        said |= employment_said(part) if is_apart(part) else _at_an_end(part)
        models |= work_models_in(part) if is_apart(part) else NO_MODELS
    return TitleSays(Said() if _TURNED_ROUND.match(line) else said, models)


def _may_say(line: str) -> bool:
    return _COUNTED.search(line) is not None or _ANY_WORDS.may_be_in(line)


def _parts(line: str) -> Iterator[str]:
    """The parts in plain letters: each bracket, or the parts of one that says more, and what is outside."""
    for bracket in _BRACKETS.findall(line):
        whole = plain(bracket)
        yield from [whole] if is_apart(whole) else map(plain, _WITHIN.split(_OR_REMOTE.sub(" ", bracket)))
    outside = (plain(part).strip(" .:/") for part in _APART.split(_BRACKETS.sub(" ", line)))
    yield from filter(None, outside)


@lru_cache(maxsize=2_048)
def is_apart(part: str) -> bool:
    """Whether a ``plain`` text holds only words about the employment and the work model, and a place."""
    if _AMBIGUOUS.search(part) or _TRADE.search(part):
        return False
    rest = part
    for words in _ALL_WORDS:
        rest = words.sub(" ", rest)
    if rest == part:
        return any(counted.fullmatch(part) for counted in (_SHARE, _HOURS, _EQUIVALENT))
    rest = _FILLERS.sub(" ", _SIGNS.sub(" ", _FILLERS.sub(" ", rest))).strip()
    return not rest or _is_place(rest)


def _is_place(text: str) -> bool:
    return country_code(text) is not None or is_world_region(text)


def _at_an_end(part: str) -> Said:
    found = _HEAD.search(part) or _TRAILING.search(part) or _LEADING.match(part)
    return employment_said(next(filter(None, found.groups()))) if found else Said()
