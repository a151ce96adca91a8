"""An application form: its questions as Greenhouse asks them, and what changed between two readings of it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from portal.domain.texts import cut_line


class FieldKind(StrEnum):
    """How a field is answered."""

    LINE = "line"
    TEXT = "text"
    FILE = "file"
    ONE = "one"
    SEVERAL = "several"


class Wanted(StrEnum):
    """Whether a form asks for something that stands apart from its questions."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; beside one that is ``free_form`` something can be typed."""

    value: str
    label: str
    free_form: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One way to answer a question, under the name that Greenhouse gives it."""

    name: str
    kind: FieldKind
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Several ``fields`` are alternatives: one of them answers it."""

    label: str
    required: bool
    fields: tuple[Field, ...]
    help_html: str = ""

    @property
    def name(self) -> str:
        """The name of its first field."""
        return self.fields[0].name


@dataclass(frozen=True, slots=True)
class Section:
    """Questions with a heading and an explanation of their own: all that is asked for statistics alone."""

    heading: str
    html: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """A box to tick. One that is ``with_answers`` is needed only beside answers for statistics."""

    name: str
    label: str
    required: bool = True
    with_answers: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """All that a post asks for. Texts in HTML are cleaned."""

    questions: tuple[Question, ...]
    location: Question | None = None
    education: Wanted = Wanted.NO
    employment: Wanted = Wanted.NO
    sections: tuple[Section, ...] = ()
    consents: tuple[Consent, ...] = ()
    notice_html: str = ""
    opt_out: str | None = None
    left_out: tuple[str, ...] = field(default=())
    """The labels of required questions that cannot be asked here: the form cannot be used."""

    def every_question(self) -> Iterator[Question]:
        """Yield the questions of all parts."""
        yield from self.questions
        if self.location:
            yield self.location
        for section in self.sections:
            yield from section.questions


LONGEST_SEEN: Final = 200_000
_SEEN_LABEL: Final = 100
_OF_POST: Final = "question_"  # how Greenhouse's names of questions begin that belong to one post


def seen_form(form: ApplicationForm) -> str:
    """Return what a page remembers of the form that it shows: each question's label and digest, by name."""
    return json.dumps(_digests(form), ensure_ascii=False, separators=(",", ":"))


def changes_since(seen: str, form: ApplicationForm) -> list[str]:
    """Say what of a form is not as it was ``seen``; what cannot be read counts as seen whole."""
    before, now = _read_seen(seen), _digests(form)
    if not before:
        return []
    new = [f"New: “{label}”." for name, (label, _) in now.items() if name not in before]
    changed = [
        f"Changed: “{label}”."
        for name, (label, digest) in now.items()
        if name in before and before[name][1] != digest
    ]
    gone = [f"No longer asked: “{label}”." for name, (label, _) in before.items() if name not in now]
    return [*new, *changed, *gone]


def renamed_fields(seen: str, form: ApplicationForm) -> dict[str, str]:
    """Return the new name of each question that was seen under another one: an edited form renames them."""
    before, now = _read_seen(seen), _digests(form)
    by_label = {label: name for name, (label, _) in now.items() if name not in before}
    return {
        name: by_label[label] for name, (label, _) in before.items() if name not in now and label in by_label
    }


def unasked(names: Iterable[str], form: ApplicationForm) -> set[str]:
    """Return which of these names are a post's own questions that the form does not ask."""
    asked = {field.name for question in form.every_question() for field in question.fields}
    return {name for name in names if name.startswith(_OF_POST)} - asked


def _digests(form: ApplicationForm) -> dict[str, tuple[str, str]]:
    found = {
        each.name: (cut_line(each.label, _SEEN_LABEL), _digest(each.required, each.label, each.fields))
        for each in form.every_question()
    }
    apart = {"education": form.education, "employment": form.employment}
    asked = {name: (name.capitalize(), _digest(how)) for name, how in apart.items() if how != Wanted.NO}
    consents = {each.name: (cut_line(each.label, _SEEN_LABEL), _digest(each.label)) for each in form.consents}
    return found | asked | consents


def _digest(*said: object) -> str:
    return hashlib.blake2b(repr(said).encode(errors="replace"), digest_size=6).hexdigest()


def _read_seen(seen: str) -> Mapping[str, tuple[str, str]]:
    try:
        told = json.loads(seen) if len(seen) <= LONGEST_SEEN else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        name: (cut_line(pair[0], _SEEN_LABEL), pair[1])
        for name, pair in told.items()
        if isinstance(pair, list) and [*map(type, pair)] == [str, str]
    }
