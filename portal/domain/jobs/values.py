"""One field of a job by its kind: parse what is typed, fill its editor, display it; values as JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from portal.domain.descriptions.clean import text_of
from portal.domain.descriptions.markdown import markdown_of, render_markdown
from portal.domain.jobs.salary import Salary, format_salary, period_of, salary_text
from portal.domain.jobs.salary_text import parse_salary
from portal.domain.links import https_link
from portal.domain.texts import InvalidValue, each_once, one_line, several_lines, without_case

Value = str | bool | int | list[str] | date | None
"""What a column holds."""

Values = dict[str, Value]
Row = Mapping[str, Any] | object

MOST_TAGS = 20
LONGEST_TAG = 40
_BETWEEN_TAGS = re.compile(r"[\n\r\t\v\f\u2028\u2029;；，､、،]")  # a column or a row of a spreadsheet, too
_ON = frozenset({"1", "true", "on", "yes", "y"})
_OFF = frozenset({"", "0", "false", "off", "no", "n"})


class EditorKind(StrEnum):
    """Which editor a field has; a template draws each."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    MARKDOWN = "markdown"
    LINK = "link"
    CHOICE = "choice"
    SWITCH = "switch"
    SALARY = "salary"
    TAGS = "tags"
    DATE = "date"


_IN_WORDS: Final = frozenset({EditorKind.TEXT, EditorKind.LONG_TEXT, EditorKind.MARKDOWN, EditorKind.TAGS})


@dataclass(frozen=True)
class Field:
    """One field of a job as a person meets it.

    ``columns`` are the job's columns it writes, ``choices`` value and label of a closed set,
    ``empty_label`` what an empty cell offers, ``noun`` what sentences call it where that is not its label.
    ``max_length`` counts characters.
    """

    name: str
    label: str
    kind: EditorKind
    empty_label: str
    max_length: int = 200
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    required: bool = False
    noun: str = ""

    def __post_init__(self) -> None:
        """A field writes the column of its name, and has its label in sentences, unless it says otherwise."""
        if not self.columns:
            object.__setattr__(self, "columns", (self.name,))
        if not self.noun:
            object.__setattr__(self, "noun", self.label)

    @property
    def is_in_words(self) -> bool:
        """Whether its value is words of the job's language, and no figure, date, link or choice."""
        return self.kind in _IN_WORDS

    def parse(self, text: str, row: Row | None = None) -> Values:
        """The columns to store for what was typed; raises ``InvalidValue``, a sentence for the cell.

        ``row`` is the job being edited: it lends a salary typed without a currency its own.
        """
        values = _PARSERS[self.kind](self, text, row)
        if self.required and not values[self.columns[0]]:
            raise InvalidValue(f"{self.label} cannot be empty.")
        return values

    def read(self, row: Row) -> str:
        """What the editor is filled with; parsing it again gives what the row holds."""
        return _READERS.get(self.kind, _read_plain)(self, row)

    def display(self, row: Row) -> str:
        """What the cell shows; empty where there is nothing to show."""
        return _DISPLAYS.get(self.kind, _READERS.get(self.kind, _read_plain))(self, row)


def _column(row: Row, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name)


def _parse_text(field: Field, text: str, row: Row | None) -> Values:
    return {field.columns[0]: one_line(text, field.max_length) or None}


def _parse_long_text(field: Field, text: str, row: Row | None) -> Values:
    return {field.columns[0]: several_lines(text, field.max_length) or None}


def _parse_markdown(field: Field, text: str, row: Row | None) -> Values:
    """HTML and source; a description that has HTML alone stays as it is until somebody changes it."""
    typed = several_lines(text, field.max_length)
    if row is not None and typed == _read_markdown(field, row):
        return {name: _column(row, name) for name in field.columns}
    return dict(zip(field.columns, (render_markdown(typed), typed), strict=True))


def _parse_link(field: Field, text: str, row: Row | None) -> Values:
    typed = one_line(text, field.max_length)
    link = https_link(typed) if typed else None
    if typed and link is None:
        raise InvalidValue("Type a whole address that begins with https://.")
    return {field.columns[0]: link}


def choice_key(text: str) -> str:
    """What spellings of one choice have in common: "Full-time", "full time" and "FULL_TIME"."""
    return "".join(filter(str.isalnum, without_case(text)))


def _chosen(field: Field, text: str) -> str | None:
    """The value of a closed set that a text names, itself or by its label."""
    key = choice_key(text)
    return next((value for value, label in field.choices if key in map(choice_key, (value, label))), None)


def _parse_choice(field: Field, text: str, row: Row | None) -> Values:
    typed = text.strip()
    chosen = _chosen(field, typed) if typed else None
    if typed and chosen is None:
        raise InvalidValue(f"Choose one of: {', '.join(label for _, label in field.choices)}.")
    return {field.columns[0]: chosen}


def _parse_switch(field: Field, text: str, row: Row | None) -> Values:
    typed = text.strip().lower()
    chosen = typed if typed in _ON | _OFF else _chosen(field, typed)
    if chosen is None:
        raise InvalidValue(f"Choose one of: {', '.join(label for _, label in field.choices)}.")
    return {field.columns[0]: chosen in _ON}


def _parse_salary(field: Field, text: str, row: Row | None) -> Values:
    default = None if row is None else _column(row, field.columns[2])
    return salary_columns(parse_salary(one_line(text, field.max_length), default))


def _parse_tags(field: Field, text: str, row: Row | None) -> Values:
    typed = one_line(_BETWEEN_TAGS.sub(",", text), field.max_length)
    tags = each_once(one_line(tag, LONGEST_TAG) for tag in typed.split(","))
    if len(tags) > MOST_TAGS:
        raise InvalidValue(f"Use at most {MOST_TAGS} tags; these are {len(tags)}.")
    return {field.columns[0]: tags}


def _parse_date(field: Field, text: str, row: Row | None) -> Values:
    typed = text.strip()
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InvalidValue("Type the date as year-month-day, such as 2027-01-31.") from None
    return {field.columns[0]: day}


def salary_columns(salary: Salary | None) -> Values:
    """A salary as the four columns that keep it."""
    if salary is None:
        return {"salary_min": None, "salary_max": None, "salary_currency": None, "salary_period": None}
    return {
        "salary_min": salary.min_minor,
        "salary_max": salary.max_minor,
        "salary_currency": salary.currency,
        "salary_period": str(salary.period),
    }


def salary_of(row: Row) -> Salary | None:
    """The salary that a row's four columns hold."""
    low, high = _column(row, "salary_min"), _column(row, "salary_max")
    if low is None and high is None:
        return None
    currency, period = _column(row, "salary_currency"), _column(row, "salary_period")
    return Salary(low, high, currency or "", period_of(period))


def _read_plain(field: Field, row: Row) -> str:
    value = _column(row, field.columns[0])
    return "" if value is None else str(value)


def _read_markdown(field: Field, row: Row) -> str:
    html, source = (_column(row, name) for name in field.columns)
    return str(source) if source is not None else markdown_of(html or "")


def _read_switch(field: Field, row: Row) -> str:
    return "true" if _column(row, field.columns[0]) else "false"


def _read_tags(field: Field, row: Row) -> str:
    return ", ".join(_column(row, field.columns[0]) or ())


def _read_salary(field: Field, row: Row) -> str:
    salary = salary_of(row)
    return salary_text(salary) if salary else ""


def _show_choice(field: Field, row: Row) -> str:
    value = _read_plain(field, row)
    return dict(field.choices).get(value, value.replace("_", " ").capitalize())  # a newer version's value


def _show_switch(field: Field, row: Row) -> str:
    return dict(field.choices)[_read_switch(field, row)]


def _show_salary(field: Field, row: Row) -> str:
    salary = salary_of(row)
    return format_salary(salary) if salary else ""


def _show_date(field: Field, row: Row) -> str:
    day = _column(row, field.columns[0])
    return f"{day.day} {day:%b %Y}" if day else ""


def _show_html(field: Field, row: Row) -> str:
    return text_of(_read_plain(field, row))


_PARSERS: dict[EditorKind, Callable[[Field, str, Row | None], Values]] = {
    EditorKind.TEXT: _parse_text,
    EditorKind.LONG_TEXT: _parse_long_text,
    EditorKind.MARKDOWN: _parse_markdown,
    EditorKind.LINK: _parse_link,
    EditorKind.CHOICE: _parse_choice,
    EditorKind.SWITCH: _parse_switch,
    EditorKind.SALARY: _parse_salary,
    EditorKind.TAGS: _parse_tags,
    EditorKind.DATE: _parse_date,
}
_READERS: dict[EditorKind, Callable[[Field, Row], str]] = {
    EditorKind.MARKDOWN: _read_markdown,
    EditorKind.SWITCH: _read_switch,
    EditorKind.TAGS: _read_tags,
    EditorKind.SALARY: _read_salary,
}
_DISPLAYS: dict[EditorKind, Callable[[Field, Row], str]] = {
    EditorKind.CHOICE: _show_choice,
    EditorKind.SWITCH: _show_switch,
    EditorKind.SALARY: _show_salary,
    EditorKind.DATE: _show_date,
    EditorKind.MARKDOWN: _show_html,
}


_READ_BACK: Final = {
    "closes_on": date.fromisoformat,
    "closed_at": datetime.fromisoformat,
    "deleted_at": datetime.fromisoformat,
}


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return column values as JSON keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an edit kept as column values."""
    return {
        name: _READ_BACK[name](value) if name in _READ_BACK and value else value
        for name, value in values.items()
    }
