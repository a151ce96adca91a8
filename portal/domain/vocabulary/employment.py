"""The type of employment that the words of a custom field name, in the languages that companies write."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from portal.domain.jobs.fields import EmploymentType
from portal.domain.vocabulary.phrases import Phrases, plain

Employments = frozenset[EmploymentType]
NO_EMPLOYMENTS: Final[Employments] = frozenset()
_INTERNSHIP: Final = Phrases("""
    intern|interns|internship*|externship|co op|co ops|cooperative education|apprentice*|trainee|traineeship
    student placement|industrial placement|placement student|praktik*|pflichtpraktik*|schülerpraktik*|azubi
    auszubildende*|ausbildung|lehrling*|lehrstelle|duales studium|volontariat|volontär*|trainee programm
    stage|stages|stagiair*|alternance|alternant|alternante|apprenti|apprentie|apprentissage
    professionnalisation|prácticas|practicas profesionales|practicante*|pasantía*|pasante*|becario|becaria
    beca|estágio|estagiári*|aprendiz|aprendizaje|jovem aprendiz|tirocinio|tirocinante|stagista|apprendistato
    stageplaats|afstudeerstage|leerwerk*|praktik|lärling|lærling|lærlinge|harjoittel*|staż*|praktyk*|stáž*
    gyakornok*|stagiu|staj|stajyer|стаж*|практикант*|πρακτική|インターン*|实习*|實習*|인턴*|התמחות|מתמחה
    تدريب|متدرب
""")
_VOLUNTEER: Final = Phrases("""
    volunteer|volunteers|volunteering|voluntary|pro bono|ehrenamt*|freiwillig*|bénévol*|voluntari*
    volontari*|voluntár*|vrijwillig*|frivillig*|wolontari*|dobrovoln*|gönüllü|волонт*|ボランティア|志愿|志願
    義工|자원봉사|מתנדב*|تطوع
""")
_TEMPORARY: Final = Phrases("""
    temporary|temp|fixed term|fixed contract|ftc|limited term|term limited|limited contract|time limited
    limited duration|definite|non permanent|not permanent|seasonal|season|casual|per diem|prn|as needed
    zero hours|interim|locum|maternity cover*|parental leave cover*|paternity cover|leave cover
    sabbatical cover|agency temp|agency worker|befristet*|befristung|zeitvertrag|zeitarbeit*|leiharbeit*
    arbeitnehmerüberlassung|aushilf*|saison*|elternzeitvertretung|mutterschutzvertretung|vertretung
    projektbefristet|cdd|durée déterminée|intérim|intérimaire|saisonni*|vacataire|vacation|remplacement
    temporal|temporales|eventual|plazo fijo|tiempo determinado|duración determinada|obra y servicio|por obra
    temporada|fijo discontinuo|temporário|temporária|prazo determinado|termo certo|contrato a termo
    tempo determinato|a termine|interinale|somministrazione|stagionale|bepaalde tijd|tijdelijk*|uitzend*
    seizoen*|vikariat|visstid|tidsbegränsad*|tidsbegrænset|midlertidig|säsong*|timanställ*|määräaikai*
    czas określony|na zastępstwo|tymczasow*|doba určitá|dobu určitou|brigád*|határozott idejű
    perioadă determinată|dönemsel|geçici|belirli süreli|временн*|срочный|сезонн*|ορισμένου χρόνου|派遣*
    臨時*|临时*|有期*|임시*|기간제|זמני|זמנית|مؤقت
""")
_CONTRACT: Final = Phrases("""
    contract|contracts|contractor*|contracting|contractual|subcontract*|day rate|independent|contingent*
    consultant|freelance*|freelancing|self employed|1099|c2c|corp to corp|b2b|statement of work|sow
    freiberuf*|freie mitarbeit*|selbständig*|selbstständig*|werkvertrag|indépendant*|auto entrepreneur
    portage salarial|prestation|prestataire|autónomo|autónoma|autónomos|por proyecto|por honorarios
    honorarios|prestación de servicios|autônomo|autônoma|pj|pessoa jurídica|recibos verdes|prestador*
    partita iva|p iva|libero professionista|collaborazione|co co co|zzp|zzp'er|detachering|konsultuppdrag
    konsult|toiminimi|umowa zlecenie|zlecenie|umowa o dzieło|kontrakt|živnost|ičo|osvč|dpp|dpč|megbízási
    vállalkozó|pfa|sözleşmeli|договор гпх|гпх|подряд|самозанят*|業務委託|契約社員|フリーランス|合同工|外包
    合約|계약직|프리랜서|פרילנס|עצמאי
""")
_PART_TIME_STUDENT: Final = Phrases("""
    werkstudent*|werkstudierend*|working student*|student worker|student assistant|student job
    studentische hilfskraft|hiwi|studentjob|studiejob|studenterjob|studentermedhjælper|étudiant salarié
    job étudiant|student employee|minijob*|mini job*|geringfügig*|450 euro|520 euro|538 euro|556 euro
    midijob*|bijbaan|студент
""")
_FULL_TIME: Final = Phrases("""
    full time|fulltime|full timer|ft|rft|vollzeit*|temps plein|temps complet|plein temps|tiempo completo
    jornada completa|tempo integral|período integral|integral|tempo inteiro|tempo completo|tempo pieno
    voltijd*|heltid*|kokoaika*|pełny etat|pełen etat|pełnoetat*|plný úvazek|teljes munkaidő*|teljes állás
    normă întreagă|tam zamanlı|tam zaman|полная занятость|полный день|полная|повна зайнятість
    πλήρης απασχόληση|フルタイム|常勤|全职|全職|全日制|풀타임|전일제|משרה מלאה|دوام كامل
""")
_PART_TIME: Final = Phrases("""
    part time|parttime|part timer|pt|rpt|teilzeit*|halbtag*|half time|temps partiel|mi temps|tiempo parcial
    media jornada|medio tiempo|jornada parcial|meio período|tempo parcial|meio turno|tempo parziale
    deeltijd*|deltid*|osa aika*|część etatu|pół etatu|niepełny etat|niepełnoetat*|částečný úvazek
    zkrácený úvazek|poloviční úvazek|részmunkaidő*|jumătate de normă|yarı zamanlı|yarım zamanlı
    частичная занятость|неполн*|часткова зайнятість|μερική απασχόληση|パート*|アルバイト|非常勤|兼职|兼職
    非全日制|파트타임|시간제|아르바이트|משרה חלקית|دوام جزئي
""")
_PERMANENT: Final = Phrases("""
    permanent|permanently|perm|unlimited|indefinite|open ended|ongoing|direct hire|employment contract
    employee contract|regular contract|standard contract|unbefristet*|festanstellung|fest angestellt
    festvertrag|cdi|durée indéterminée|titulaire|indefinido|indefinida|por tiempo indefinido|contrato fijo
    empleo fijo|indeterminado|prazo indeterminado|clt|efetivo|efetiva|sem termo|tempo indeterminato
    indeterminato|onbepaalde tijd|vast|vaste|vast contract|vast dienstverband|tillsvidare*|fast stilling
    fastansatt|fast ansættelse|fast ansettelse|vakituinen|toistaiseksi voimassa*|umowa o pracę|umowę o pracę
    umowy o pracę|czas nieokreślony|doba neurčitá|dobu neurčitou|hpp|határozatlan idejű
    perioadă nedeterminată|süresiz|belirsiz süreli|kadrolu|постоянн*|бессрочн*|трудовой договор|штат
    αορίστου χρόνου|正社員|正職員|正式|无固定期限|정규직|קבוע|دائم
""")
_A_CONTRACT: Final = Phrases(
    "contract|contracts|contractual|contrato|contratto|contrat|kontrakt|vertrag|umowa"
)
_NOT_YET: Final = re.compile(
    r"(?<!\w)(contract|temp\w*) (?:to|2|into) (?:perm\w*|hire|direct|full ?time)(?!\w)"
)
_DENIED: Final = re.compile(
    r"(?<!\w)(?:not (?:an? )?|non |no |kein\w* |exclud\w+ )(?!perm)\w+(?: term| time)?"
)
_OTHER: Final = Phrases(
    "other|others|sonstige|sonstiges|autre|autres|otro|otros|outro|altro|anders|annan|その他|其他|기타"
)
_FULL_ALONE: Final = Phrases(
    "full|voll|plein|complet|completa|completo|integral|vol|voltijds|hel|pełny|pełen|celý|מלאה|מלא"
)
_PART_ALONE: Final = Phrases("part|teil|partiel|parcial|media|parziale|niepełny|część|zkrácený|חלקית|חלקי")
_OPTIONS: Final = re.compile(r"(?<!\w)(?:or|oder|ou|o|eller|lub|veya|или|and/or)(?!\w)|または")

_NOT_PERMANENT: Final = re.compile(r"(?<!\w)(?:non|not|nicht|no) (?:permanent|unbefristet)\w*")
_BOTH_HOURS: Final = re.compile(r"(?<!\w)(?:full|voll) ?(?:/|or|and|&|oder|und| )+ ?(?:part ?time|teilzeit)")
_ABBREVIATED: Final = re.compile(r"(?<!\w)([fp]) ?/ ?t(?!\w)")
_FOR_A_TIME: Final = frozenset({EmploymentType.TEMPORARY, EmploymentType.CONTRACT})
_NOT_BESIDES: Final = frozenset({EmploymentType.CONTRACT, EmploymentType.FULL_TIME})
_OTHER_KIND: Final = frozenset({EmploymentType.OTHER})
_DESCRIBED: Final = re.compile(r"[/,;|\n+]")

_RANKED: Final = (
    (EmploymentType.INTERNSHIP, _INTERNSHIP),
    (EmploymentType.VOLUNTEER, _VOLUNTEER),
    (EmploymentType.PART_TIME, _PART_TIME_STUDENT),
    (EmploymentType.TEMPORARY, _TEMPORARY),
    (EmploymentType.CONTRACT, _CONTRACT),
)
_BY_HOURS: Final = ((EmploymentType.PART_TIME, _PART_TIME), (EmploymentType.FULL_TIME, _FULL_TIME))
"""In this order: 非常勤, part-time, has the word for full-time in it."""
ALL_WORDS: Final = (_PERMANENT, *(words for _, words in (*_RANKED, *_BY_HOURS)))

_NUMBER: Final = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_FRACTION: Final = re.compile("([1-9]) ?/ ?([1-9])")
_HOURS: Final = re.compile(
    r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)(?: ?(?:to |bis |a |/ ?)?(\d{1,2}(?:[.,]\d{1,2})?))? ?\+? ?"
    r"(?:h|hrs?|hours?|std|stunden|wochenstunden|heures?|horas|ore|uur|uren|timmar|timer|godzin\w*)(?!\w)"
    r"(?P<weekly>\W{0,3}(?:(?:per|a|each|pro|die|par|por|a la) )?"
    r"(?:week\w*|wk|woche|wochentl\w*|semaine|semana\w*|settiman\w*))?"
)
_SHARE: Final = re.compile(r"\(?(\d{2,3})(?: ?%)?(?: ?(?:to |bis |a |/ ?)?(\d{2,3}))? ?%\)?")
_EQUIVALENT: Final = re.compile(r"(?:(\d(?:[.,]\d{1,2})?) ?)?fte")
_NEARLY_ALL: Final = 0.94
_FULL_HOURS, _FEWER_HOURS = 35, 30
"""A week from so many hours on is full-time, and part-time below the other; countries differ between them."""


class Said(NamedTuple):
    """What words say of the employment: nothing, one thing, or several that leave a choice.

    ``kinds`` say more than hours do, and outrank them: a full-time internship is an internship.
    """

    kinds: Employments = NO_EMPLOYMENTS
    hours: Employments = NO_EMPLOYMENTS

    def __bool__(self) -> bool:
        return bool(self.kinds or self.hours)

    def __or__(self, other: "Said") -> "Said":
        return Said(_fewest(self.kinds | other.kinds), self.hours | other.hours)

    @property
    def employment(self) -> EmploymentType | None:
        """The one type that is said; ``None`` where nothing is, or where a choice is left."""
        said = self.kinds or self.hours - _OTHER_KIND or self.hours
        return next(iter(said)) if len(said) == 1 else None


@lru_cache(maxsize=4_096)
def employment_said(words: str) -> Said:
    """What the value of a field says of the employment.

    What is described ("full-time, fixed term") is put together; what is offered ("full-time or contract")
    leaves a choice. A permanent contract is no contract work, and may be of any hours.
    """
    said = _BOTH_HOURS.sub("full time part time", _ABBREVIATED.sub(r"\1t", plain(words[:300])))
    said = _DENIED.sub(" ", _NOT_YET.sub(r"\1", _NOT_PERMANENT.sub("temporary", said)))
    is_permanent = _PERMANENT.search(said)
    if is_permanent:
        said = _A_CONTRACT.sub(" ", _PERMANENT.sub(" ", said))
    options = [option for option in map(_described, _OPTIONS.split(said)) if option]
    if not options:
        return Said(hours=_OTHER_KIND) if _OTHER.fullmatch(said) else _by_number(said)
    kinds = frozenset().union(*(option.kinds for option in options))
    if kinds and not all(option.kinds for option in options):
        kinds |= frozenset().union(*(option.hours for option in options if not option.kinds))
    elif is_permanent and kinds & _FOR_A_TIME:
        kinds |= {EmploymentType.FULL_TIME}  # permanent or fixed term: a choice
    return Said(kinds, frozenset().union(*(option.hours for option in options)))


def employment_by_adjective(value: str) -> Said:
    """What a ``plain`` value says where the field's name has the noun: "Jornada: completa"."""
    words = ((EmploymentType.FULL_TIME, _FULL_ALONE), (EmploymentType.PART_TIME, _PART_ALONE))
    return Said(hours=frozenset(length for length, alone in words if alone.fullmatch(value)))


def employment_by_hours(value: str) -> Said:
    """What a count of hours a week says; from few to many leaves a choice."""
    return _of_hours(_numbers(_NUMBER.findall(value[:50])))


def employment_by_share(value: str) -> Said:
    """What a share of a full position says: 0.5, 80 %; from part to all of it leaves a choice."""
    fraction = _FRACTION.fullmatch(value.strip())
    if fraction:
        return _of_shares([int(fraction[1]) / int(fraction[2])])
    numbers = _numbers(_NUMBER.findall(value[:50]))
    percent = "%" in value or max(numbers, default=0) > 9
    return _of_shares([number / 100 for number in numbers] if percent else numbers)


def _described(option: str) -> Said:
    said = Said()
    for part in _DESCRIBED.split(option):
        kind = next((kind for kind, words in _RANKED if words.search(part)), None)
        said |= Said(frozenset({kind} if kind else ()))
        for length, words in _BY_HOURS:
            if words.search(part):
                said |= Said(hours=frozenset({length}))
                part = words.sub(" ", part)
    return said


def _fewest(kinds: Employments) -> Employments:
    """What is temporary may be an internship besides, or contract work."""
    if kinds == _FOR_A_TIME:
        return kinds - {EmploymentType.CONTRACT}
    return kinds - {EmploymentType.TEMPORARY} if len(kinds) == 2 and not kinds & _NOT_BESIDES else kinds


def _by_number(said: str) -> Said:
    equivalent = _EQUIVALENT.fullmatch(said)
    if equivalent:
        return _of_shares(_numbers([equivalent[1] or "1"]))
    share = _SHARE.fullmatch(said)
    if share:
        return _of_shares([number / 100 for number in _numbers(share.groups())])
    found = _HOURS.search(said)
    hours = _numbers(found.groups()[:2]) if found else []
    return _of_hours(hours) if found and (found["weekly"] or min(hours) >= _FULL_HOURS) else Said()


def _numbers(found: Iterable[str | None]) -> list[float]:
    return [float(number.replace(",", ".")) for number in found if number][:2]


def _of_hours(hours: list[float]) -> Said:
    if not hours or not 0 < min(hours) <= max(hours) <= 60:
        return Said()
    full, fewest = max(hours) >= _FULL_HOURS, _FULL_HOURS if max(hours) >= _FULL_HOURS else _FEWER_HOURS
    return _of_lengths(full, min(hours) < fewest)


def _of_shares(shares: list[float]) -> Said:
    possible = bool(shares) and 0 < min(shares) <= max(shares) <= 1
    return _of_lengths(max(shares) > _NEARLY_ALL, min(shares) <= _NEARLY_ALL) if possible else Said()


def _of_lengths(full: bool, part: bool) -> Said:
    lengths = ((EmploymentType.FULL_TIME, full), (EmploymentType.PART_TIME, part))
    return Said(hours=frozenset(length for length, holds in lengths if holds))
