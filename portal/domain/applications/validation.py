"""Check the answers to an application form: Greenhouse takes what lacks required answers without a word."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from portal.domain.applications.files import MOST_BYTES, MOST_FILES
from portal.domain.applications.forms import ApplicationForm, Field, FieldKind, Option, Question, Section
from portal.domain.applications.history import judge_history
from portal.domain.applications.places import KnownPlace, find_places
from portal.domain.people import EMAIL, LONGEST_EMAIL
from portal.domain.texts import InvalidValue, one_line, several_lines

Part = tuple[str, str]
"""A name and a value, as Greenhouse takes them."""

LONGEST_LINE: Final = 255
LONGEST_TEXT: Final = 30_000
LOCATION: Final = "location"
LOCATION_CHOICE: Final = "location_choice"
STATISTICS: Final = "demographic_"
"""How the names of the questions of Greenhouse Inclusion begin here; it numbers them only."""
NO_LINK: Final = frozenset({"first_name", "last_name", "phone"})
_LINK: Final = re.compile(
    r"://|\bwww\.|\.(?:com|net|org|info|io|biz|ru|cn|xyz|top|site|online|shop)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that was accepted for a field."""

    name: str
    size: int


@dataclass(slots=True)
class Judged:
    """What is sent, and what is wrong, by the input that it stands at.

    ``places`` are to be chosen from where the typed one is not clear.
    """

    parts: list[Part] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    places: list[KnownPlace] = field(default_factory=list)


class Typed:
    """What was typed and chosen, by input."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def all(self, name: str) -> list[str]:
        """Return every value of an input."""
        return [value for value in self._values.get(name, ()) if value]

    def one(self, name: str) -> str:
        """Return the last value of an input, empty where there is none."""
        return next(reversed(self.all(name)), "")

    def values(self) -> Mapping[str, Sequence[str]]:
        """Return all values of every input."""
        return self._values

    def single(self) -> dict[str, str]:
        """Return the last value of every input."""
        return {name: self.one(name) for name in self._values}


def judge(
    form: ApplicationForm, typed: Typed, files: Mapping[str, HeldFile], wrong_files: Mapping[str, str]
) -> Judged:
    """Check everything, and return it as it is sent; ``wrong_files`` says which files were refused."""
    judged = Judged()
    for question in form.questions:
        _judge_question(question, typed, files, wrong_files, judged)
    _judge_location(form, typed, judged)
    parts, errors = judge_history(form, typed.single())
    judged.parts += parts
    judged.errors |= errors
    for section in form.sections:
        _judge_section(section, typed, judged)
    _judge_consents(form, typed, judged)
    if error := _too_much(files):
        judged.errors.setdefault([*files][-1], error)
    return judged


def _too_much(files: Mapping[str, HeldFile]) -> str | None:
    if len(files) > MOST_FILES:
        return f"Send at most {MOST_FILES} files."
    if sum(each.size for each in files.values()) > MOST_BYTES:
        return "All files together are larger than 10 MB. Take one away, or choose smaller ones."
    return None


def _judge_question(
    question: Question,
    typed: Typed,
    files: Mapping[str, HeldFile],
    wrong_files: Mapping[str, str],
    judged: Judged,
) -> None:
    """Check one question; one of its alternatives suffices, and a file that was refused must be looked at."""
    before = len(judged.parts)
    for each in question.fields:
        if each.kind == FieldKind.FILE:
            if each.name in wrong_files:
                judged.errors[each.name] = wrong_files[each.name]
            continue
        try:
            judged.parts += _answers(each, typed)
        except InvalidValue as error:
            judged.errors[each.name] = str(error)
    is_wrong = any(each.name in judged.errors for each in question.fields)
    is_answered = len(judged.parts) > before or any(each.name in files for each in question.fields)
    if question.required and not is_answered and not is_wrong:
        judged.errors[question.name] = _missing(question)


def _answers(asked: Field, typed: Typed) -> list[Part]:
    match asked.kind:
        case FieldKind.LINE:
            text = one_line(typed.one(asked.name), LONGEST_LINE)
            _check_line(asked.name, text)
            return [(asked.name, text)] if text else []
        case FieldKind.TEXT:
            text = several_lines(typed.one(asked.name), LONGEST_TEXT)
            return [(asked.name, text)] if text else []
        case _:
            chosen = _chosen(asked, typed.all(asked.name))
            return [(asked.name, option.value) for option in chosen]


def _check_line(name: str, text: str) -> None:
    if name == "email" and text and (len(text) > LONGEST_EMAIL or not EMAIL.fullmatch(text)):
        raise InvalidValue("Type an e-mail address, such as mara@example.com.")
    if name in NO_LINK and _LINK.search(text):
        raise InvalidValue("Leave out links here: Greenhouse takes none in names and phone numbers.")


def _chosen(asked: Field, values: Collection[str]) -> list[Option]:
    """Return the options chosen, in the order of the form."""
    known = [option for option in asked.options if option.value in values]
    if len(known) < len(set(values)):
        raise InvalidValue("Choose again: what was chosen is not offered any more.")
    if asked.kind == FieldKind.ONE and len(known) > 1:
        raise InvalidValue("Choose one only.")
    return known


def _missing(question: Question) -> str:
    kinds = {each.kind for each in question.fields}
    if FieldKind.FILE in kinds:
        return "Choose a file, or paste the text." if len(kinds) > 1 else "Choose a file."
    first = question.fields[0]
    if first.kind == FieldKind.SEVERAL:
        return "Tick the box." if len(first.options) == 1 else "Choose at least one."
    return "Choose an answer." if first.kind == FieldKind.ONE else "Answer this question."


def _judge_location(form: ApplicationForm, typed: Typed, judged: Judged) -> None:
    """Greenhouse ignores a location without its coordinates: all three are sent, or nothing."""
    if form.location is None:
        return
    text = " ".join(typed.one(LOCATION).split())
    if not text:
        if form.location.required:
            judged.errors[LOCATION] = "Type the town where you live."
        return
    found = find_places(text)
    chosen = next((each for each in found if str(each.id) == typed.one(LOCATION_CHOICE)), None)
    place = found[0] if len(found) == 1 else chosen
    if place is None:
        judged.places = found
        judged.errors[LOCATION] = _unclear(found, required=form.location.required)
        return
    judged.parts += [("location", place.label), ("latitude", place.latitude), ("longitude", place.longitude)]


def _unclear(found: Sequence[KnownPlace], *, required: bool) -> str:
    if found:
        return "There are several places of that name. Choose yours below."
    otherwise = "" if required else ", or leave this empty"
    known = "Type the nearest larger town and its country, such as “Porto, Portugal”"
    return f"This place is not known. {known}{otherwise}."


def _judge_section(section: Section, typed: Typed, judged: Judged) -> None:
    for question in section.questions:
        asked = question.fields[0]
        try:
            chosen = _chosen(asked, typed.all(asked.name))
            judged.parts += _statistics(asked, chosen, typed)
        except InvalidValue as error:
            judged.errors[asked.name] = str(error)
            continue
        if question.required and not chosen:
            judged.errors[asked.name] = _missing(question)


def _statistics(asked: Field, chosen: Iterable[Option], typed: Typed) -> Iterator[Part]:
    """Yield the answers to a question, under its name or, where it only has a number, as one of a list."""
    if not asked.name.startswith(STATISTICS):
        yield from ((asked.name, option.value) for option in chosen)
        return
    for number, option in enumerate(chosen):
        if not number:
            yield "demographic_answers[][question_id]", asked.name.removeprefix(STATISTICS)
        yield "demographic_answers[][answer_options][][answer_option_id]", option.value
        if option.free_form and (text := typed.one(free_form_name(asked, option))):
            yield "demographic_answers[][answer_options][][text]", one_line(text, LONGEST_LINE)


def free_form_name(asked: Field, option: Option) -> str:
    """Return the name of the input beside an option."""
    return f"{asked.name}_{option.value}_text"


def _judge_consents(form: ApplicationForm, typed: Typed, judged: Judged) -> None:
    answers_statistics = any(name.startswith("demographic_answers") for name, _ in judged.parts)
    for consent in form.consents:
        if typed.one(consent.name):
            judged.parts.append((f"data_compliance[{consent.name}]", "true"))
        elif consent.required if not consent.with_answers else answers_statistics:
            judged.errors[consent.name] = (
                "Tick the box, or take back your answers above."
                if consent.with_answers
                else "Without this consent the application cannot be sent."
            )
