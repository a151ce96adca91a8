"""The closed sets of values that a job's columns have."""

from enum import StrEnum


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
    """Whether the public sees a job that is open."""

    SHOWN = "shown"
    HIDDEN = "hidden"

    @property
    def label(self) -> str:
        """The value as people read it."""
        return self.value.capitalize()
