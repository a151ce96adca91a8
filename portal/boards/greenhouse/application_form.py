"""Parse the application form of a post: the answer to ``/jobs/{id}?questions=true``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from portal.boards.errors import MalformedBoard
from portal.domain.applications.forms import (
    ApplicationForm,
    Consent,
    Field,
    FieldKind,
    Option,
    Question,
    Section,
    Wanted,
)
from portal.domain.applications.validation import LOCATION, STATISTICS
from portal.domain.descriptions.clean import clean_description, clean_foreign_html
from portal.domain.links import https_link
from portal.domain.texts import cut_line

MOST_FORM_BYTES: Final = 2 * 2**20
LONGEST_LABEL: Final = 2_000
LONGEST_HTML: Final = 50_000
_KINDS: Final = {
    "input_text": FieldKind.LINE,
    "textarea": FieldKind.TEXT,
    "input_file": FieldKind.FILE,
    "multi_value_single_select": FieldKind.ONE,
    "multi_value_multi_select": FieldKind.SEVERAL,
}
_HIDDEN: Final = "input_hidden"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,95}(?:\[\])?")
_OURS: Final = ("csrf_token", "education_", "employment_", "demographic_", "gdpr_", "location")
"""How inputs are called that Greenhouse does not name."""
_RUN_TOGETHER: Final = re.compile("[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_CAPITAL: Final = re.compile("(?<!^)[A-Z]")


class _Value(msgspec.Struct):
    label: str = ""
    value: int | str | None = None


class _Field(msgspec.Struct):
    name: str
    type: str
    values: list[_Value] | None = None


class _Question(msgspec.Struct):
    label: str | None = None
    required: bool | None = None
    description: str | None = None
    fields: list[_Field] = []


class _Compliance(msgspec.Struct):
    description: str | None = None
    questions: list[_Question] | None = None


class _AnswerOption(msgspec.Struct):
    id: int
    label: str | None = None
    free_form: bool | None = None


class _Demographic(msgspec.Struct):
    id: int
    label: str | None = None
    required: bool | None = None
    type: str = "multi_value_single_select"
    answer_options: list[_AnswerOption] = []


class _Demographics(msgspec.Struct):
    header: str | None = None
    description: str | None = None
    questions: list[_Demographic] | None = None


class _DataCompliance(msgspec.Struct):
    type: str | None = None
    requires_consent: bool | None = None
    requires_processing_consent: bool | None = None
    requires_retention_consent: bool | None = None
    retention_period: int | None = None
    demographic_data_consent_applies: bool | None = None


class _Post(msgspec.Struct):
    id: int
    absolute_url: str | None = None
    questions: list[_Question] | None = None
    location_questions: list[_Question] | None = None
    compliance: list[_Compliance] | None = None
    demographic_questions: _Demographics | None = None
    data_compliance: list[_DataCompliance] | None = None
    education: str | None = None
    employment: str | None = None
    ai_disclaimer: str | None = None
    include_ai_disclaimer: bool | None = None
    ai_opt_out_request_url: str | None = None


class _Choice(msgspec.Struct):
    id: int
    text: str = ""


class _Meta(msgspec.Struct):
    total_count: int = 0


class _Choices(msgspec.Struct):
    items: list[_Choice]
    meta: _Meta = msgspec.field(default_factory=_Meta)


def parse_form(body: bytes | bytearray, post_id: int) -> ApplicationForm:
    """Return the form of the post with this id; raises ``MalformedBoard``."""
    try:
        post = msgspec.json.decode(body, type=_Post)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _no_form() from None
    questions, left_out = _read_questions(post.questions or [], post.absolute_url)
    if post.id != post_id or not questions:
        raise _no_form()
    location = next(iter(_read_location(post.location_questions or [])), None)
    statistics = [*_read_compliance(post), *_read_demographics(post.demographic_questions, post.absolute_url)]
    return ApplicationForm(
        questions=tuple(questions),
        location=location,
        education=_wanted(post.education),
        employment=_wanted(post.employment),
        sections=tuple(statistics),
        consents=tuple(_read_consents(post.data_compliance or [])),
        notice_html=_html(post.ai_disclaimer, post.absolute_url) if post.include_ai_disclaimer else "",
        opt_out=https_link(post.ai_opt_out_request_url) if post.include_ai_disclaimer else None,
        left_out=left_out,
    )


def parse_choices(body: bytes | bytearray) -> list[Option]:
    """Return a list of schools, degrees or disciplines; raises ``MalformedBoard``."""
    try:
        found = msgspec.json.decode(body, type=_Choices)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _no_form() from None
    read = [Option(str(each.id), cut_line(each.text, LONGEST_LABEL)) for each in found.items]
    return [option for option in read if option.label]


def _no_form() -> MalformedBoard:
    return MalformedBoard("Greenhouse answered with an application form that cannot be read.")


def _wanted(flag: str | None) -> Wanted:
    if not flag:
        return Wanted.NO
    return Wanted.REQUIRED if flag.endswith("_required") else Wanted.OPTIONAL


def _read_questions(
    asked: Iterable[_Question], page_url: str | None
) -> tuple[list[Question], tuple[str, ...]]:
    """Return the questions that can be asked, and the labels of required ones that cannot."""
    questions, left_out = [], []
    for each in asked:
        question = _read_question(each, page_url)
        if question is not None:
            questions.append(question)
        elif each.required and any(field.type != _HIDDEN for field in each.fields):
            left_out.append(cut_line(each.label or "", 200))
    return questions, tuple(left_out)


def _read_question(each: _Question, page_url: str | None) -> Question | None:
    fields = tuple(_read_fields(each.fields))
    if not fields:
        return None
    label = cut_line(each.label or "", LONGEST_LABEL) or fields[0].name.replace("_", " ").capitalize()
    return Question(label, bool(each.required), fields, _html(each.description, page_url))


def _read_fields(fields: Iterable[_Field]) -> Iterator[Field]:
    """Yield what can be asked; hidden fields and kinds that are not known are left out."""
    for each in fields:
        kind = _KINDS.get(each.type)
        if kind is None or not _NAME.fullmatch(each.name) or each.name.startswith(_OURS):
            continue
        options = tuple(_read_options(each.values or []))
        if options or kind not in (FieldKind.ONE, FieldKind.SEVERAL):
            yield Field(each.name, kind, options)


def _read_options(values: Iterable[_Value]) -> Iterator[Option]:
    seen: set[str] = set()
    for each in values:
        value = "" if each.value is None else str(each.value)
        if value and value not in seen:
            seen.add(value)
            yield Option(value, cut_line(each.label, LONGEST_LABEL) or value)


def _read_location(asked: Sequence[_Question]) -> Iterator[Question]:
    """Yield the question for the place; latitude and longitude beside it are found from what is typed."""
    for each in asked:
        for field in each.fields:
            if field.name == LOCATION and field.type != _HIDDEN:
                label = cut_line(each.label or "", LONGEST_LABEL) or "Location"
                help_html = _html(each.description, None)
                yield Question(label, bool(each.required), (Field(LOCATION, FieldKind.LINE),), help_html)


def _read_compliance(post: _Post) -> Iterator[Section]:
    for number, block in enumerate(post.compliance or []):
        questions, _ = _read_questions(block.questions or [], post.absolute_url)
        if questions:
            heading = "Equal opportunity in the United States" if not number else ""
            html = clean_description((block.description or "")[:LONGEST_HTML])
            yield Section(heading, html, tuple(map(_spaced, questions)))


def _spaced(question: Question) -> Question:
    """The question under its label as people write it: "VeteranStatus" is "Veteran status"."""
    words = _CAPITAL.sub(lambda found: f" {found[0].lower()}", question.label)
    label = words if _RUN_TOGETHER.fullmatch(question.label) else question.label
    return replace(question, label=label)


def _read_demographics(asked: _Demographics | None, page_url: str | None) -> Iterator[Section]:
    if asked is None:
        return
    questions = tuple(filter(None, map(_read_demographic, asked.questions or [])))
    if questions:
        heading = cut_line(asked.header or "", 200) or "About you"
        yield Section(heading, _html(asked.description, page_url), questions)


def _read_demographic(each: _Demographic) -> Question | None:
    options = tuple(
        Option(str(option.id), cut_line(option.label or "", LONGEST_LABEL), bool(option.free_form))
        for option in each.answer_options
    )
    kind = _KINDS.get(each.type, FieldKind.ONE)
    if not options or kind not in (FieldKind.ONE, FieldKind.SEVERAL):
        return None
    label = cut_line(each.label or "", LONGEST_LABEL)
    return Question(label, bool(each.required), (Field(f"{STATISTICS}{each.id}", kind, options),))


def _read_consents(asked: Iterable[_DataCompliance]) -> Iterator[Consent]:
    """Yield the boxes to tick. Greenhouse says which are needed, and leaves their words to us."""
    for each in asked:
        newer = each.requires_processing_consent or each.requires_retention_consent
        if each.requires_processing_consent or (each.requires_consent and not newer):
            name = "gdpr_processing_consent_given" if newer else "gdpr_consent_given"
            yield Consent(name, "I agree that my data are processed for this application.")
        if each.requires_retention_consent:
            yield Consent("gdpr_retention_consent_given", _retention(each.retention_period), required=False)
        if each.demographic_data_consent_applies:
            label = "I agree that my answers to the demographic questions are processed."
            yield Consent("gdpr_demographic_data_consent_given", label, with_answers=True)


def _retention(days: int | None) -> str:
    lasts = f"for {days:,} days" if days and days > 0 else "after this application is decided"
    return f"I agree that my data are stored {lasts}, to consider me for other jobs."


def _html(foreign: str | None, page_url: Any) -> str:
    """HTML as it is sent, plain or with its entities escaped once."""
    said = (foreign or "")[:LONGEST_HTML].strip()
    if not said:
        return ""
    clean = clean_foreign_html if "<" in said or "&lt;" not in said else clean_description
    return clean(said, page_url)
