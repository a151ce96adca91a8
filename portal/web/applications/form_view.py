"""What the page of an application form shows: questions, what was typed, what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from portal.actions.applications.reading import GreenhouseError, degrees_and_disciplines, find_schools
from portal.domain.applications.files import ACCEPTED
from portal.domain.applications.forms import (
    ApplicationForm,
    FieldKind,
    Option,
    Question,
    Wanted,
    seen_form,
)
from portal.domain.applications.history import MONTHS, SCHOOL_SEARCH
from portal.domain.applications.places import KnownPlace
from portal.domain.applications.validation import LONGEST_LINE, LONGEST_TEXT, HeldFile, Typed
from portal.web.applications.tokens import FormToken
from portal.web.templating import anchor

SEEN: Final = "form-seen"
FIND: Final = "form-find"
REMOVE: Final = "form-remove"
TRAP: Final = "form-website"
"""An input that people do not see, and that programs fill in."""
MOST_BUTTONS: Final = 4
"""Of that few choices a required question shows all at once."""
_COMPLETED: Final = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
    "preferred_name": "nickname",
}
_KEYBOARDS: Final = {"email": "email", "phone": "tel"}
_HISTORY_LABELS: Final = {
    "education_school": "School",
    "education_degree": "Degree",
    "education_discipline": "Discipline",
    "education_start_month": "Start of your education",
    "education_end_month": "End of your education",
    "employment_company": "Company",
    "employment_title": "Job title",
    "employment_start_month": "Start of your employment",
    "employment_end_month": "End of your employment",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What education is chosen from; ``trouble`` says why that could not be read."""

    schools: Sequence[Option] = ()
    degrees: Sequence[Option] = ()
    disciplines: Sequence[Option] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the summary of errors: where it leads, and what it says."""

    anchor: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FormView:
    """All that the page shows. ``notice`` is about the form as a whole, ``changes`` about its questions."""

    form: ApplicationForm
    token: FormToken
    typed: Typed = field(default_factory=lambda: Typed({}))
    errors: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, HeldFile] = field(default_factory=dict)
    places: Sequence[KnownPlace] = ()
    notice: str = ""
    changes: Sequence[str] = ()
    choices: Choices = Choices()

    longest_line = LONGEST_LINE
    longest_text = LONGEST_TEXT
    accepted = ACCEPTED
    months = MONTHS

    @property
    def seen(self) -> str:
        """What the page remembers of the form."""
        return seen_form(self.form)

    @property
    def faults(self) -> list[Fault]:
        """The errors in the order of the form."""
        labels = self._labels()
        known = [
            Fault(anchor(name), labels[name], self.errors[name]) for name in labels if name in self.errors
        ]
        return known + [
            Fault("form", "Files", text) for name, text in self.errors.items() if name not in labels
        ]

    def _labels(self) -> dict[str, str]:
        asked = {each.name: question.label for question in self.form.questions for each in question.fields}
        if self.form.location:
            asked[self.form.location.name] = self.form.location.label
        voluntary = {each.name: each.label for section in self.form.sections for each in section.questions}
        return asked | _HISTORY_LABELS | voluntary | {each.name: "Consent" for each in self.form.consents}

    def shows_all(self, question: Question) -> bool:
        """Whether the choices of a question stand side by side; what must not be empty needs no way back."""
        asked = question.fields[0]
        few = len(asked.options) <= MOST_BUTTONS
        return asked.kind == FieldKind.SEVERAL or (question.required and few) or len(asked.options) == 1

    @staticmethod
    def completes(name: str) -> str:
        """Return what a browser may fill in."""
        return _COMPLETED.get(name, "")

    @staticmethod
    def keyboard(name: str) -> str:
        """Return the type of an input, which chooses the keyboard of a phone."""
        return _KEYBOARDS.get(name, "text")


def choices_of(form: ApplicationForm, board_token: str, typed: Typed) -> Choices:
    """Return what education is chosen from, where the form asks for it."""
    if form.education == Wanted.NO:
        return Choices()
    term = " ".join(typed.one(SCHOOL_SEARCH).split())[:LONGEST_LINE]
    try:
        degrees, disciplines = degrees_and_disciplines(board_token)
        return Choices(find_schools(board_token, term) if term else (), degrees, disciplines)
    except GreenhouseError as error:
        return Choices(trouble=error.with_advice)
