"""What a company's own fields say, by the names and values companies give them."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Any

from portal.domain.job_choices import EmploymentType
from portal.domain.money import SalaryPeriod


class Role(Enum):
    """What a field is about, by its name."""

    EMPLOYMENT = "employment"
    WORKPLACE = "workplace"
    SENIORITY = "seniority"
    SALARY = "salary"
    OTHER = "other"


_ROLES = (
    (
        Role.WORKPLACE,
        r"\bremote\b|\bhybrid\b|work ?place|"
        r"(?:work|working|office) (?:model|mode|arrangement|setting|location)|"
        r"(?:job )?location type|arbeitsmodell",
    ),
    (
        Role.EMPLOYMENT,
        r"(?:employment|job|contract|position|worker|time|engagement) (?:type|length|status|basis|term)|"
        r"type of (?:employment|contract|position)|work schedule|commitment|"
        r"(?:beschäftigungs|anstellungs|vertrags)art|arbeitszeit|full[ -]time or part[ -]time",
    ),
    (Role.SENIORITY, r"seniority|(?:experience|career|job|position) level|^level$|karrierestufe"),
    (
        Role.SALARY,
        r"salary|\bpay\b|compensation|\bwages?\b|remuneration|gehalt|vergütung|(?:hourly|daily|day) rate",
    ),
)
_ROLE_PATTERNS = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in _ROLES)

_PERMANENT = re.compile(r"\bpermanent contract\b|\bunbefristet\w*", re.IGNORECASE)
_OUTRANKING = (
    (EmploymentType.INTERNSHIP, r"\bintern(?:s|ship|ships)?\b|praktik|\bstage\b"),
    (EmploymentType.VOLUNTEER, r"volunt|ehrenamt"),
    (EmploymentType.TEMPORARY, r"\btemp(?:s|orary)?\b|season|fixed[ -]term|befristet"),
    (EmploymentType.CONTRACT, r"\bcontract(?:or|ors|ing|s)?\b|freelanc|freiberuf"),
)
_HOURS = (
    (EmploymentType.FULL_TIME, r"full[ _-]?time|vollzeit|\bft\b"),
    (EmploymentType.PART_TIME, r"part[ _-]?time|teilzeit|\bpt\b|werkstudent|working student"),
)
_Patterns = tuple[tuple[EmploymentType, re.Pattern[str]], ...]
_KINDS: _Patterns = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _OUTRANKING)
_LENGTHS: _Patterns = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _HOURS)
_OTHER = re.compile(r"other|sonstige[s]?", re.IGNORECASE)

_PERIODS = (
    (SalaryPeriod.HOUR, re.compile(r"\bhour|/ ?hr?\b|stunde|stündlich", re.IGNORECASE)),
    (SalaryPeriod.DAY, re.compile(r"\bday\b|\bdaily\b|\bdiem\b", re.IGNORECASE)),
    (SalaryPeriod.WEEK, re.compile(r"\bweek", re.IGNORECASE)),
    (SalaryPeriod.MONTH, re.compile(r"\bmonth|monat", re.IGNORECASE)),
    (SalaryPeriod.YEAR, re.compile(r"\byear|\bannual|\bannum\b|jahr|jährlich", re.IGNORECASE)),
)


@lru_cache(maxsize=4_096)
def role_of(name: str) -> Role:
    """What a field of this name is about."""
    return next((role for role, pattern in _ROLE_PATTERNS if pattern.search(name[:200])), Role.OTHER)


def words_of(value: Any) -> str:
    """The words of a value of any shape; nothing for numbers, switches and objects."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, list | tuple):
        return " / ".join(part[:200] for part in value[:20] if isinstance(part, str))
    return ""


@lru_cache(maxsize=4_096)
def employment_in(words: str) -> EmploymentType | None:
    """The kind of employment that words name; ``None`` where they leave it open."""
    said = _PERMANENT.sub(" ", words)
    kinds = _named(said, _KINDS)
    if not kinds:
        lengths = _named(said, _LENGTHS)
        if len(lengths) != 1:
            return EmploymentType.OTHER if _OTHER.fullmatch(said.strip()) else None
        return lengths[0]
    return kinds[0]


def periods_in(name: str) -> list[SalaryPeriod]:
    """The periods that a field's name says its amounts are paid for."""
    return [period for period, pattern in _PERIODS if pattern.search(name[:200])]


def _named(said: str, patterns: Iterable[tuple[EmploymentType, re.Pattern[str]]]) -> list[EmploymentType]:
    return [kind for kind, pattern in patterns if pattern.search(said)]
