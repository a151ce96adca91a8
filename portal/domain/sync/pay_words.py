"""Read words about pay: whether they mean the advertised pay, how much, for what period, and where."""

import html
import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Any

from portal.domain.jobs.currencies import SHARED_NAMES, with_local_signs
from portal.domain.jobs.salary import SalaryPeriod
from portal.domain.jobs.salary_text import InvalidSalary, WrittenPay, parse_pay
from portal.domain.places.countries import country_code
from portal.domain.places.locations import read_location


class PayRank(IntEnum):
    """How surely a name means what is advertised; the higher rank is used alone."""

    NEUTRAL = 1
    ADVERTISED = 2


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_NO_BASE_PAY = _any_of(
    r"budget|presupuest|orçament|budżet|begrot|rozpoč|бюджет|bütçe|予算|预算|預算|예산|תקציב",
    r"\brecruit|\binternal|\binterne[rsn]?\b|\bintern[oa]s?\b|внутр|社内|内部|내부|hiring manager|\bHM\b",
    r"mid-?\s?point|\bmedian|benchmark|percentile|compa-?ratio|\bmarket (?:data|rate|reference|value)",
    r"equity|\brsus?\b|\bstocks?\b|\bshares?\b|\boptions?\b|\besop\b|\bbspce\b|\bgrants?\b|aktien|beteiligung",
    r"\bacciones\b|\bações\b|\bazioni\b|\budział|株式|股票|股权|스톡|주식",
    r"bonus|\bboni\b|prämie|\bprimes?\b|\bprimas?\b|gratifi[ck]|tantieme|\bpremi[ao]\b|преми|賞与|ボーナス|奖金",
    r"상여|보너스|בונוס",
    r"commission|provision|comisi[oó]n|comiss(?:ão|ões)|provvigion|commissie|prowizj|комисс|עמלה|עמלות",
    r"variabl|variabel|variável|variáve|zmienn|incentiv|\b[sl]tip?\b|\bprofit[- ]shar",
    r"\bote\b|on[- ]target|\btarget(?:ed|s)?\b(?!\W+(?:annual\W+)?(?:base|salar))",
    r"ziel(?:gehalt|einkommen|vergütung)|objetivo|obiettivo",
    r"\btotal\b(?!\W+(?:annual\W+)?(?:base|salar))|\bcash\b|\btotale\b|gesamt|\bpackage\b|\bpaquete\b|pacchetto",
    r"\bsign(?:ing|[- ]on)|relocation|umzug|severance|abfindung|\bstipends?\b|allowance|reimburs|referral",
    r"retention|overtime|überstund|differential|\bpremium|(?:holiday|sick|vacation|standby|on-call) pay",
    r"\bcosts?\b|kosten|loaded|burden|expense|\bfees?\b|\bspend|\bprice|invoice|bill(?:ing)? rate",
    r"charge rate",
    r"\bnotes\b|\bcomments?\b|\bremarks?\b|rationale|justification|bemerkung|notiz|anmerkung|備考|メモ",
    r"quota|revenue|\barr\b|\bdeal\b|umsatz|pipeline",
    r"expectation|candidates? expect|applicants? expect",
    r"desired|previous|\bcurrent (?:salary|compensation)\b(?! range)|incumbent|gehaltswunsch",
    r"gehaltsvorstellung|pretensi|prétention",
    r"approv|\brequested|forecast|\bplann?(?:ed|ing|s)?\b|\bfinance\b|(?<!we )(?<!to )\boffers?\b",
    r"confiden|vertraulich|\bprivate\b|\bhidden\b|\bdo not\b|non-?\s?public|unpublish",
    r"\bnot (?:for|to be|public|publish|shown|shared|visible)|nicht öffentlich",
    r"employer (?:contribution|cost)|401|\bpension\b",
)
_PAY = _any_of(
    r"salar|\bpay\b|compensation|\bcomp\b|\bwages?\b|remunerat|\bearnings\b|(?:hourly|daily|day) rate",
    r"(?:tages|stunden|monats)satz|(?:uur|dag)tarief|\btjm\b|taux (?:horaire|journalier)|tarifa|tariffa",
    r"gehalt|gehälter|vergütung|entgelt|\w*lohn(?:band|spanne|rahmen)?\b|entlohnung|rémunérat|salaire|sueldo|retribu|remunera|salári",
    r"vencimento|\bstipendio\b|\bral\b|compenso|\bloon\b|\w+loon\b|bezoldiging|wynagrodz|\bpłac|pensj|zarob",
    r"widełki|\w*lön\b|\w*lønn?\b|palkk|\bmzd|\bplat\b|fizetés|\bbér|зарплат|оклад|заработн|maaş|ücret",
    r"bezahlung|verdienst\b|\bstawk|給与|給料|年収|月給|時給|賃金|報酬|薪|工资|工資|급여|연봉|월급|시급|임금|보수|שכר|משכורת|راتب|μισθ|lương|\bgaji\b",
    r"\bctc\b|เงินเดือน|वेतन|(?:post(?:ing|ed)?|hiring|base) (?:range|band)",
)
_MONEY_NAME = _any_of(
    r"\branges?\b|\bbands?\b|\bscale\b|\bzone\b|\btier\b|\brate\b|\bbase\b|\bgeo|spanne|fourchette|\bbanda\b",
    r"\bfaixa\b|\bfascia\b|gehaltsband|範囲|范围",
)
_TARGET = re.compile(r"\btarget", re.IGNORECASE)
_ADVERTISED = _any_of(
    r"\bpost(?:ing|ed)?\b|transparen|advertis|publish|\bpublic|publicad|external|website|career|candidate",
    r"disclos|display|ausschreib|ausgeschrieben|veröffentlich|anzeige|annonce|affich|an[uú]ncio|ogłosz|公開|公开|공개|求人",
)
_NO_AMOUNT = _any_of(
    r"frequen|period|\btype\b|\bbasis\b|\bunits?\b|interval|cycle|cadence|schedule|\bgroup\b|\bgrade\b|\bcode\b",
    r"\bclass\b|currency|währung|devise|moneda|moeda|valuta|visible|frecuenc|fréquenc|rhythmus|zeitraum",
)
_EXTRAS = re.compile(
    r"[(,\s]*(?:\+|\bplus\b|\bexcl\w*|\bnot incl\w*|\bwithout\b|\bbefore\b|\bin addition\b|\beligible for\b|"
    r"\b(?:bonus|equity|commission)[- ]eligible\b|\bohne\b|\bzzgl\b|\bzuzüglich\b|\bhors\b|\bsin\b|\bsem\b|"
    r"\bsenza\b)\.?[^()]*\)?",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:\+|plus\b)|\bbase(?: salary| pay)?\s*(?:\+|&|plus\b)", re.IGNORECASE
)


@lru_cache(maxsize=4_096)
def is_no_base_pay(name: str) -> bool:
    """Whether a name says a budget, equity, a bonus, target earnings, or anything else but the base pay.

    What it only says comes on top or is left out ("excluding bonus") does not make it one.
    """
    said = " ".join(name[:300].split())
    return bool(_NO_BASE_PAY.search(said if _SUM.match(said) else _EXTRAS.sub(" ", said)))


@lru_cache(maxsize=4_096)
def pay_rank(name: str, *, holds_money: bool = False) -> PayRank | None:
    """How surely a field of this name holds the advertised pay; ``None`` where it does not.

    ``holds_money``: its values are amounts with a currency, so that a name such as "Zone 1 range" is enough.
    """
    said = name[:300]
    is_pay = _PAY.search(said) or (holds_money and (_MONEY_NAME.search(said) or _ADVERTISED.search(said)))
    if not is_pay or is_no_base_pay(said) or (_NO_AMOUNT.search(said) and not holds_money):
        return None
    if _ADVERTISED.search(said):
        return PayRank.ADVERTISED
    return None if _TARGET.search(said) else PayRank.NEUTRAL


_PERIODS = {
    SalaryPeriod.HOUR: _any_of(
        r"hour|(?:/|\bper) ?h(?:r|rs)?\b|\bhr\b|stunde|stündlich|tim(?:lön|løn|penning)|tuntipalk|uurloon",
        r"uurtarief|\bper uur\b|horaire|\bheure|\bhora\b|\borari[ao]\b|\bora\b|godzin|hodin|почасов|\bчас",
        r"時給|时薪|時間給|小时|시급|시간당|לשעה|שעתי",
    ),
    SalaryPeriod.DAY: _any_of(
        r"\bday\b|\bdaily\b|tagessatz|pro tag|täglich|\bjour|journali|\btjm\b|\bdía|\bdiari|\bdiári",
        r"\bgiorn|\bdag(?:tarief|loon|sats)?\b|dniówk|dzienn|日給|日薪|일당",
    ),
    SalaryPeriod.WEEK: _any_of(
        r"\bweek|wöchentlich|wochenlohn|\bwoche\b|semaine|hebdomad|\bsemana|settiman|tygod|veckolön|недел|週給|周薪|주급",
    ),
    SalaryPeriod.MONTH: _any_of(
        r"month|monat|\bmois\b|mensu|\bmes\b|\bmês\b|\bmese\b|mensil|mensal|maand|miesi[ęąe]|månad|måned|kuukau",
        r"měsí|mesač|\blunar|aylık|месяц|месяч|місяц|місяч|\bhavi\b|月給|月薪|月収|월급|월간|חודש|شهر|\bp\.m\b|\bpcm\b",
        r"\bbulan|tháng|เดือน",
    ),
    SalaryPeriod.YEAR: _any_of(
        r"\byear|annual|annum|annuel|anual|\bannu[oa]\b|\bp\. ?a\b|jahr|jähr|\bjaar|rocz|\bår|vuosi|ročn",
        r"\béves|yıllık|годов|\bгод\b|річн|年収|年薪|年俸|연봉|שנתי|سنوي|\bpar an\b|/ ?an\b|\bannée|\baño",
        r"\bano\b|\banno\b|\bral\b|\blpa\b|\bctc\b|\btahun|\bnăm\b|ต่อปี",
    ),
}
_OTHER_TIMES = _any_of(
    r"\b\d+(?:[.,]\d+)?\+? ?-?(?:years?|months?|weeks?|days?|hours?|hrs?|jahre?|monate?|stunden|tage?|"
    r"uur|uren|heures?|h|horas?|ore|tim(?:mar|er)|godzin\w*)\b"
    r"(?: ?(?:per|a|each|/|pro|par|por|na|i|alla) ?\w+)?",
    r"(?:years?|months?) (?:of|in|with)\b",
    r"(?:annual|yearly|monthly|quarterly|jährlich\w*) (?:\w+ ){0,2}?(?:bonus|leave|vacation|performance|"
    r"review|merit|incentive|commission|equity|refresh|increase|target)",
    r"(?:hours?|days?|stunden|tage?) (?:per|a|each|/|pro) ?\w+",
    r"\b(?:paid|payable|pay roll|payroll)\W+(?:bi-?)?(?:weekly|monthly)",
    r"\b(?:bi|semi)[- ]?(?:weekly|monthly)|twice (?:a|per) \w+|every (?:two|other|2|second) \w+",
    r"fortnight\w*|full[- ]year",
    r"year[- ](?:round|end|over)|\bday (?:one|1|shift|off)|days? off|monday|today",
)


@lru_cache(maxsize=4_096)
def periods_in(text: str) -> frozenset[SalaryPeriod]:
    """The periods that a name or a text says amounts are paid for."""
    said = _OTHER_TIMES.sub(" ", text[:1_000])
    return frozenset(period for period, pattern in _PERIODS.items() if pattern.search(said))


_PERIOD_FIELD = _any_of(
    r"(?:pay|payment|payroll|salary|compensation|wage|rate|remuneration|earnings)\b.*(?:frequen|period|type|basis|unit|interval|"
    r"cycle|cadence|schedule|per\b|class|structure)",
    r"(?:frequency|period|type|basis|unit|interval) (?:of|for) (?:pay|salary|compensation|wage)",
    r"^(?:rate|per|pay|payment|period|interval|frequency|salaried|hourly)\b[^a-z]*$",
    r"hourly (?:or|/|vs\.?) ?salar|salar\w* (?:or|/|vs\.?) ?hourly|flsa",
    r"(?:gehalt|lohn|vergütung|entgelt|zahlung|abrechnung)\w*(?:art|periode|zeitraum|rhythmus|weise|einheit)",
    r"(?:zeitraum|periode|rhythmus|einheit) (?:der|des|für) (?:\w+ )?(?:gehalt|lohn|vergütung|bezahlung)",
    r"périodicit|fréquence|periodicid|frecuencia|frequência|frequenza|periodicit",
    r"auszahlung|תקופת|תדירות|betaalperiode|okres|częstotliw|給与形態|給与体系|급여 ?형태|薪资周期|计薪",
)


_EMPLOYMENT_FIELD = _any_of(r"^(?:employee|worker|employment|job|position) (?:type|class\w*|category)$")


def periods_of_field(name: str, value: Any) -> frozenset[SalaryPeriod]:
    """What a field beside the pay says of its period: "Pay Frequency: Monthly", "Hourly?: yes"."""
    if value is True:
        return periods_in(name) & {SalaryPeriod.HOUR}
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(value, str) or len(value) > 60:
        return frozenset()
    if _EMPLOYMENT_FIELD.search(name[:200]):
        return periods_in(value) & {SalaryPeriod.HOUR}
    return periods_in(value) if _PERIOD_FIELD.search(name[:200]) else frozenset()


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, each block on a line of its own."""
    text = html.unescape(_TAG.sub("\n", html.unescape(markup[:5_000])))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


_TAG = re.compile(r"<[^<>]*>")
_SENTENCE = re.compile(
    r"\n|;|\||•|(?<=[^\W\d])[!?]\s|(?<=[0-9)])\.\s+(?=[A-Z])|"
    r"(?<=[^\W\d])(?<!\bkr)(?<!\brs)(?<!\bca)(?<!\bpr)(?<!\btys)(?<!\btsd)(?<!\bmax)(?<!\bmin)(?<!\bmio)(?<!\bmln)\.\s",
    re.IGNORECASE,
)
"""Not after an abbreviation that stands beside an amount."""
_ABOUT_PAY = re.compile(
    r"pay\b|salar|wage|rate\b|compensation|gross|range|gehalt|lohn|brutto|vergütung|salaire|brut|salario|bruto|"
    r"salário|stipendio|lord[oa]|salaris|wynagrodz|lön\b|lønn?\b|给|給|薪|급",
    re.IGNORECASE,
)


def periods_in_blurb(blurb: str) -> frozenset[SalaryPeriod]:
    """The periods of the sentences of a blurb that are about the pay, or too short to be about more."""
    sentences = _SENTENCE.split(plain_text(blurb))[:50]
    about_pay = (line for line in sentences if len(line) < 50 or _ABOUT_PAY.search(line))
    return frozenset(period for line in about_pay for period in periods_in(line))


_TARGET_SAID = _any_of(
    r"(?:range|amount|figure|number|pay|salary)s?\b.{0,60}?"
    r"\b(?:is|are|represents?|reflects?|shows?|includes?|means?)\b.{0,40}?"
    r"\b(?:ote\b|(?:on-?|total )?target (?:annual )?(?:earnings|cash|compensation)|"
    r"total (?:cash|earnings))",
    r"^\W*(?:(?:on-?)?target (?:annual )?earnings|ote\b)",
)
_PERHAPS_TARGET = _any_of(
    r"\bfor (?:\w+ )?(?:sales|commission\w*|quota\w*)\b|\bif\b|\bnot\b",
    r"exclu|addition|\bplus\b|separate|base (?:salary|pay)|higher|\bcan\b|up to",
)


def says_target_earnings(blurb: str) -> bool:
    """Whether a blurb says that its range is that of target earnings; what it says of other roles is none."""
    sentences = (line.replace("on target", "on-target") for line in _SENTENCE.split(plain_text(blurb))[:50])
    return any(_TARGET_SAID.search(line) and not _PERHAPS_TARGET.search(line) for line in sentences)


_DIGIT = re.compile("[0-9]")
_TAIL = re.compile(
    r"\s*(?:\+|,\s|\(|\bplus\b|\band\b|\bwith\b|&|\bzzgl\.?|\bexcl\w*\.?)\s*(?:[\w%’'-]+\W+){0,4}?"
    r"(?:bonus|\bote\b|on-target|equity|commission|benefits|stock|options?|rsus?|super|provision|variable|allowance|401|vat\b|mwst|gst\b)",
    re.IGNORECASE,
)
_AFTER_TAX = re.compile(r"\bnet\b|\bnett?[oaei]\b|líquid[oa]", re.IGNORECASE)
_MARK = r"(?:[A-Z]{3}|(?:US|CA|C|A|AU|NZ|HK|S|R|MX)?[$€£¥₹₩₪₺₴₫₱₦₽円元원]|kr\.?|ש[\"״]ח|บาท|zł|Kč|Rs\.?)"
_UNIT = r"(?: ?(?:[kKmM]|LPA|lakhs?|tsd\.?|tys\.?)(?!\w)|[万萬만])?"
_AMOUNT = rf"(?:{_MARK} ?)?[0-9](?:[0-9.,'’ ]*[0-9])?{_UNIT}(?: ?{_MARK})?"
_SPAN = re.compile(
    rf"(?:\b(?:up to|from|starting at|between|ab|bis zu|max\.?|min\.?) )?{_AMOUNT}"
    rf"(?: ?(?:[-–—~]|to|and|bis|à|a|al|tot|até)+ ?{_AMOUNT})?",
)
_HAS_MARK = re.compile(_MARK)
_SHARED = re.compile(rf"(?<!\w)(?:{'|'.join(SHARED_NAMES)})(?!\w)", re.IGNORECASE)


def pays_in(text: str, currency: str | None, local: frozenset[str]) -> Iterator[tuple[WrittenPay, str]]:
    """Each base pay that a text says, with its sentence.

    ``currency`` is meant by a bare number; ``local`` are those of the job's country, and decide on a ``kr``.
    """
    sentences = (sentence for sentence in _SENTENCE.split(plain_text(text))[:30] if sentence[:1] not in "-−")
    for sentence in sentences:
        said = _TAIL.split(sentence)[0].strip(" .:")
        if _DIGIT.search(said) and not is_no_base_pay(said) and not _AFTER_TAX.search(said):
            yield from ((pay, said) for pay in _pays(said, currency, local))


def _pays(said: str, currency: str | None, local: frozenset[str]) -> Iterator[WrittenPay]:
    """The sentence as a whole, or else each amount with a currency that stands in it."""
    spans = [said, *(span[0] for span in _SPAN.finditer(said) if _HAS_MARK.search(span[0]))][:12]
    for number, span in enumerate(spans):
        meant = currency
        if _SHARED.search(span) and len(local) == 1:
            meant = next(iter(local))
        try:
            yield parse_pay(with_local_signs(span, local), meant)
        except InvalidSalary:
            continue
        if number == 0:
            return


_WORDS = re.compile(r"[^\W\d_][^\W\d_.]*")


def countries_in(text: str) -> frozenset[str]:
    """The ISO codes of the countries of a location's places."""
    return frozenset(read_location(text[:500]).countries)


@lru_cache(maxsize=4_096)
def countries_in_name(name: str) -> frozenset[str]:
    """The ISO codes of the countries that a field's name names: "US1 - Base", "Pay range (Canada)"."""
    words = _WORDS.findall(name[:120])[:12]
    starts = [at for at in range(len(words)) if at == 0 or words[at - 1] != "New"]  # New Mexico
    runs = {" ".join(words[at : at + count]) for count in (1, 2, 3) for at in starts}
    return frozenset(code for run in runs if run[0].isupper() and (code := country_code(run)))
