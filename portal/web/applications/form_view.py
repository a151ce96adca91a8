"""The view of an application form: questions, what was typed, and errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from portal.actions.applications.reading import EducationLists, GreenhouseError
from portal.domain.applications.files import ACCEPTED
from portal.domain.applications.forms import (
    ApplicationForm,
    FieldKind,
    Option,
    Question,
    Wanted,
    seen_form,
)
from portal.domain.applications.history import EDUCATION, MONTHS, MOST_ENTRIES, SEARCH, entries_of
from portal.domain.applications.places import KnownPlace
from portal.domain.applications.validation import LONGEST_LINE, HeldFile, Typed
from portal.web.applications.tokens import FormToken
from portal.web.templating import anchor

SEEN: Final = "form-seen"
FIND: Final = "form-find"
REMOVE: Final = "form-remove"
ADD: Final = "form-add"
DROP: Final = "form-drop"
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
    "education": {
        "school": "School",
        "degree": "Degree",
        "discipline": "Discipline",
        "start_month": "Start of your education",
        "end_month": "End of your education",
    },
    "employment": {
        "company": "Company",
        "title": "Job title",
        "start_month": "Start of your employment",
        "end_month": "End of your employment",
    },
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What education is chosen from; ``trouble`` says why that could not be read.

    ``schools`` are what was found, by what was looked for.
    """

    schools: Mapping[str, Sequence[Option]] = field(default_factory=dict)
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
    """All that the page shows. ``notice`` is about the form as a whole, ``changes`` about its questions.

    ``focus`` is the entry that was added, or the part of which one was taken away.
    """

    form: ApplicationForm
    token: FormToken
    typed: Typed = field(default_factory=lambda: Typed({}))
    errors: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, HeldFile] = field(default_factory=dict)
    places: Sequence[KnownPlace] = ()
    notice: str = ""
    changes: Sequence[str] = ()
    choices: Choices = field(default_factory=Choices)
    focus: str = ""

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
        history = {
            f"{entry}_{name}": label if entry == part else f"{label} ({number})"
            for part, labels in _HISTORY_LABELS.items()
            for number, entry in enumerate(self.entries(part), 1)
            for name, label in labels.items()
        }
        return asked | history | voluntary | {each.name: "Consent" for each in self.form.consents}

    def entries(self, part: str) -> list[str]:
        """Return what the names of the inputs of each entry begin with."""
        return entries_of(part, self.typed.single())

    def has_room(self, part: str) -> bool:
        """Whether one more entry can be added."""
        return len(self.entries(part)) < MOST_ENTRIES[part]

    def schools(self, entry: str) -> Sequence[Option]:
        """Return what was found for an entry."""
        return self.choices.schools.get(_term(self.typed, entry), ())

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
    terms = dict.fromkeys(_term(typed, entry) for entry in entries_of(EDUCATION, typed.single()))
    lists, schools = EducationLists(board_token), dict[str, Sequence[Option]]()
    degrees, disciplines = list[Option](), list[Option]()
    try:
        degrees, disciplines = lists.degrees(), lists.disciplines()
        for term in filter(None, terms):
            schools[term] = lists.schools(term)
    except GreenhouseError as error:  # what was read until then stays
        return Choices(schools, degrees, disciplines, trouble=error.with_advice)
    return Choices(schools, degrees, disciplines)


def _term(typed: Typed, entry: str) -> str:
    return " ".join(typed.one(f"{entry}_{SEARCH}").split())[:LONGEST_LINE]
