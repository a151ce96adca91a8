"""Every field of a job that people edit, and the closed sets of values that its columns have."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.jobs.values import EditorKind, Field


class Source(StrEnum):
    """Who owns title and description: Greenhouse, or the organisation itself."""

    GREENHOUSE = "greenhouse"
    OWN = "own"


class WorkplaceType(StrEnum):
    """Where the work is done."""

    ONSITE = "onsite"
    HYBRID = "hybrid"
    REMOTE = "remote"

    @property
    def label(self) -> str:
        """The value as people read it."""
        return "On site" if self is WorkplaceType.ONSITE else self.value.capitalize()


class EmploymentType(StrEnum):
    """What kind of employment it is."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    TEMPORARY = "temporary"
    INTERNSHIP = "internship"
    VOLUNTEER = "volunteer"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The value as people read it."""
        return self.value.replace("_", "-").capitalize()


class Visibility(StrEnum):
    """Who sees a job that is open: everybody, the organisation's members, or nobody outside Manage jobs.

    ``NEW`` hides a job that a sync created, until somebody decides: nobody can choose it.
    """

    SHOWN = "shown"
    MEMBERS = "members"
    HIDDEN = "hidden"
    NEW = "new"

    @property
    def label(self) -> str:
        """The value as people read it."""
        return "Members only" if self is Visibility.MEMBERS else self.value.capitalize()


HIDDEN_FROM_ALL = (Visibility.HIDDEN, Visibility.NEW)
"""Of these nobody sees a page but the organisation's admins."""


def seen_by(*, members: bool) -> tuple[Visibility, ...]:
    """The visibilities of the jobs whose pages somebody sees while they are open."""
    return (Visibility.SHOWN, Visibility.MEMBERS) if members else (Visibility.SHOWN,)


GREENHOUSE_FIELDS = frozenset({"title", "description", "apply_url"})
"""Never editable on an imported job: they are edited in Greenhouse."""


def edited_in_greenhouse(name: str) -> str:
    """Say where one of them is edited."""
    return f"The {name.replace('_', ' ')} comes from Greenhouse: edit it in Greenhouse."


_SALARY_COLUMNS = ("salary_min", "salary_max", "salary_currency", "salary_period")


def _registry(*fields: Field) -> Mapping[str, Field]:
    return MappingProxyType({field.name: field for field in fields})


def _choices(kind: type[WorkplaceType | EmploymentType | Visibility]) -> tuple[tuple[str, str], ...]:
    return tuple((member.value, member.label) for member in kind if member is not Visibility.NEW)


FIELDS: Mapping[str, Field] = _registry(
    Field("location", "Location", EditorKind.TEXT, "Add location", max_length=300),
    Field("workplace_type", "Workplace", EditorKind.CHOICE, "Add workplace", choices=_choices(WorkplaceType)),
    Field("employment_type", "Type", EditorKind.CHOICE, "Add type", choices=_choices(EmploymentType)),
    Field("department", "Department", EditorKind.TEXT, "Add department"),
    Field("seniority", "Seniority", EditorKind.TEXT, "Add seniority", max_length=100),
    Field("salary", "Salary", EditorKind.SALARY, "Add salary", max_length=100, columns=_SALARY_COLUMNS),
    Field(
        "salary_visible",
        "Salary on the page",
        EditorKind.SWITCH,
        "Choose",
        choices=(("true", "Shown"), ("false", "Not shown")),
    ),
    Field("hiring_manager", "Hiring manager", EditorKind.TEXT, "Add hiring manager", max_length=120),
    Field("summary", "Summary", EditorKind.LONG_TEXT, "Add summary", max_length=500),
    Field("tags", "Tags", EditorKind.TAGS, "Add tags", max_length=900),
    Field(
        "featured",
        "Featured",
        EditorKind.SWITCH,
        "Choose",
        choices=(("true", "Featured"), ("false", "Not featured")),
    ),
    Field(
        "visibility", "Visibility", EditorKind.CHOICE, "Choose", choices=_choices(Visibility), required=True
    ),
    Field("closes_on", "Closes on", EditorKind.DATE, "Add closing date", max_length=10, noun="Closing date"),
)
"""The organisation's columns: no sync ever writes them."""

OWN_FIELDS: Mapping[str, Field] = _registry(
    Field("title", "Title", EditorKind.TEXT, "Add title", required=True),
    Field(
        "description",
        "Description",
        EditorKind.MARKDOWN,
        "Add description",
        max_length=100_000,
        columns=("description_html", "description_markdown"),
    ),
    Field("apply_url", "Link to apply", EditorKind.LINK, "Add link", max_length=2_000),
)
"""What an organisation edits besides on the jobs of its own."""

OPENING = Field(
    "listed",
    "State",
    EditorKind.SWITCH,
    "Choose",
    choices=(("true", "Open"), ("false", "Closed")),
    columns=("listed", "closed_at"),
)
"""Whether a job of the organisation's own is open. Buttons change it, and what they did is kept as edits."""

DELETION = Field("deleted_at", "Deletion", EditorKind.SWITCH, "")
"""When a job of the organisation's own was deleted. A button does it, and it is kept as an edit."""

EDITED_FIELDS: Mapping[str, Field] = MappingProxyType(
    {**FIELDS, **OWN_FIELDS, OPENING.name: OPENING, DELETION.name: DELETION}
)
"""Everything that an edit can be of."""

_COLUMNS_ASKED_FOR = MappingProxyType({"description_html": "description"})


def known_as(name: str) -> str:
    """The field that a request means: by its own name, or by that of the column it is kept in.

    So ``description_html`` is refused where ``description`` is, and edited where it is.
    """
    return _COLUMNS_ASKED_FOR.get(name, name)
