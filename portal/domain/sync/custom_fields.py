"""A board's custom fields: which values they hold most often, and which column an admin chose for each."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.metadata import NO_CHOICES, Column, ColumnChoices, field_key, guessed_column
from portal.domain.sync.posts import JobPost, Metadata
from portal.domain.sync.prefill import SourceValues
from portal.domain.texts import cut_line

MOST_FIELDS: Final = 200
MOST_VALUES_SHOWN: Final = 4
_MOST_VALUES: Final = 2_000  # told apart in one field
_MOST_PARTS: Final = 50  # of a value that is a list
_LONGEST_NAME: Final = 120
_LONGEST_VALUE: Final = 60

_COLUMNS: Final = frozenset(column.value for column in Column)

_NUMBER: Final = re.compile(r"(-?[1-9][0-9]{3,14}|-?[0-9]{1,3})(?:\.0+|(\.[0-9]{1,4}))?", re.ASCII)
"""As Greenhouse sends the numbers of custom fields."""

NOTHING: Final = ""
"""Stored, and sent by the form, for a field that feeds no column."""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What the posts of a board are read with: the columns chosen for custom fields, and a default type.

    ``default_type`` is the employment type of a job of which the board says none.
    """

    choices: ColumnChoices = field(default_factory=lambda: NO_CHOICES)
    default_type: EmploymentType | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.choices) or self.default_type is not None

    @property
    def stamp(self) -> str:
        """The mapping in short: the default type as it is, and a hash of the choices."""
        chosen = repr(sorted(stored_choices(self.choices).items())).encode()
        digest = blake2b(chosen, digest_size=8).hexdigest() if self.choices else ""
        return f"{self.default_type or ''}.{digest}"

    def complete(self, values: SourceValues) -> SourceValues:
        """What a post says, with the default type where it says none."""
        return _with_type(values, self.default_type)


def _with_type(values: SourceValues, default_type: str | None) -> SourceValues:
    if default_type is None or values.get("employment_type"):
        return values
    return {**values, "employment_type": str(default_type)}


def completed_before(values: SourceValues, stamp: str) -> SourceValues:
    """What a post said, with the default type of the mapping of which ``stamp`` is what is stored."""
    return _with_type(values, parse_type(stamp.partition(".")[0]))


def parse_type(text: str | None) -> EmploymentType | None:
    """The employment type of that name, if there is one."""
    return next((each for each in EmploymentType if each == text), None)


def parse_choices(stored: Mapping[str, Any] | None) -> ColumnChoices:
    """The choices in their stored form; a column that this version does not know counts as not chosen."""
    return {
        key: Column(column) if column else None
        for key, column in (stored or {}).items()
        if column == NOTHING or column in _COLUMNS
    }


def stored_choices(choices: ColumnChoices) -> dict[str, str]:
    """The choices as JSON."""
    return {key: column.value if column else NOTHING for key, column in choices.items()}


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field of a board: in how many posts it is filled in, and its commonest values.

    ``distinct`` counts the values; it is a lower bound where they are very many.
    """

    key: str
    name: str
    posts: int
    values: tuple[tuple[str, int], ...]
    distinct: int

    @property
    def guess(self) -> Column | None:
        """The column that it feeds by its name."""
        return guessed_column(self.name)

    def column(self, choices: ColumnChoices) -> Column | None:
        """The column that it feeds."""
        return choices.get(self.key, self.guess)

    def as_json(self) -> dict[str, Any]:
        """The field as it is stored."""
        return {
            "name": self.name,
            "posts": self.posts,
            "values": [list(pair) for pair in self.values],
            "distinct": self.distinct,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CustomField":
        """The field that was stored."""
        name, values = stored["name"], tuple((value, count) for value, count in stored["values"])
        return cls(field_key(name), name, stored["posts"], values, stored["distinct"])


def changed_choices(
    before: ColumnChoices, sent: Mapping[str, Column | None], fields: Iterable[CustomField]
) -> ColumnChoices:
    """The choices after some were ``sent``, by key, for ``fields`` of the board; others are left out.

    What a field feeds by its name needs no choice.
    """
    guesses = {each.key: each.guess for each in fields}
    merged = {**before, **{key: column for key, column in sent.items() if key in guesses}}
    return {key: column for key, column in merged.items() if key not in guesses or column != guesses[key]}


@dataclass(slots=True)
class _Tally:
    name: str
    posts: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def count(self, texts: Iterable[str]) -> None:
        texts = set(texts)
        self.posts += bool(texts)
        for text in texts:
            if text in self.values or len(self.values) < _MOST_VALUES:
                self.values[text] += 1


def custom_fields(posts: Iterable[JobPost]) -> tuple[list[CustomField], int]:
    """The custom fields of posts, those that are filled in most often first; and how many were left out.

    Names that are equal but for case, space and punctuation are one field.
    """
    tallies: dict[str, _Tally] = {}
    for post in posts:
        for key, name, texts in _filled(post.metadata):
            tally = tallies.get(key)
            if tally is None:
                if len(tallies) >= 10 * MOST_FIELDS:
                    continue
                tally = tallies[key] = _Tally(name)
            tally.count(texts)
    found = sorted((_summary(key, tally) for key, tally in tallies.items()), key=_order)
    return found[:MOST_FIELDS], max(0, len(found) - MOST_FIELDS)


def _filled(metadata: Iterable[Metadata]) -> Iterator[tuple[str, str, list[str]]]:
    """Each field of a post once, with what all its values say."""
    found: dict[str, tuple[str, list[str]]] = {}
    for each in metadata:
        key, name = _named(each.name or "")
        if name and key:
            found.setdefault(key, (name, []))[1].extend(value_texts(each.value))
    return ((key, name, texts) for key, (name, texts) in found.items())


@lru_cache(maxsize=4_096)
def _named(name: str) -> tuple[str, str]:
    return field_key(name), cut_line(name, _LONGEST_NAME)


def reads_otherwise(post: JobPost, before: ColumnChoices, after: ColumnChoices) -> bool:
    """Whether a post has a field of which the choices differ."""
    moved = {key for key in {*before, *after} if before.get(key, NOTHING) != after.get(key, NOTHING)}
    return bool(moved) and any(
        _named(each.name)[0] in moved for each in post.metadata if each.name and each.value is not None
    )


def _summary(key: str, tally: _Tally) -> CustomField:
    common = sorted(tally.values.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES_SHOWN]
    return CustomField(key, tally.name, tally.posts, tuple(common), len(tally.values))


def _order(each: CustomField) -> tuple[bool, int, str]:
    return each.guess is None, -each.posts, each.key


def value_texts(value: Any) -> list[str]:
    """A value of any shape as people read it, each of several by itself; nothing where it is empty."""
    if isinstance(value, list | tuple):
        return [text for part in value[:_MOST_PARTS] for text in value_texts(part)]
    text = _cut(value) if isinstance(value, str) else cut_line(_one_text(value), _LONGEST_VALUE)
    return [text] if text else []


@lru_cache(maxsize=4_096)
def _cut(value: str) -> str:
    return cut_line(_one_text(value[: 4 * _LONGEST_VALUE]), _LONGEST_VALUE)


def _one_text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    if isinstance(value, Mapping):
        return _object_text(value)
    if isinstance(value, str):
        number = _NUMBER.fullmatch(value)
        return f"{int(number[1]):,}{number[2] or ''}" if number else value
    return ""


def _object_text(value: Mapping[str, Any]) -> str:
    """A person by the name; an amount or a range after its currency."""
    if isinstance(value.get("name"), str):
        return str(value["name"])
    amounts = [_one_text(value.get(name)) for name in ("min_value", "max_value", "amount")]
    said = "–".join(amount for amount in amounts if amount)
    return f"{_one_text(value.get('unit'))} {said}" if said else ""
