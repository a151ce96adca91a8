"""What the public pages and mails say of a job and of a search, in words."""

from datetime import date
from typing import Any, Final, NamedTuple

from portal.domain.jobs.fields import FIELDS, EmploymentType, WorkplaceType
from portal.domain.jobs.public_list import PublicFilter
from portal.domain.jobs.salary import Salary, format_salary, period_of
from portal.domain.languages import PAGE_LANGUAGE, language_name, primary_language
from portal.domain.places.locations import read_location

LONGEST_AGO: Final = 30  # days; what is older bears its date
LABELS: Final = {
    "department": "Department",
    "location": "Location",
    "workplace_type": "Workplace",
    "employment_type": "Type",
    "language": "Language",
}
SETS: Final[dict[str, dict[str, str]]] = {
    "workplace_type": {each.value: each.label for each in WorkplaceType},
    "employment_type": {each.value: each.label for each in EmploymentType},
}
"""Filters that have a closed set of values, each with its label."""


def value_label(name: str, value: str) -> str:
    """Return how people call a value of a filter."""
    return language_name(value) if name == "language" else SETS.get(name, {}).get(value, value)


def filter_words(name: str, values: tuple[str, ...]) -> str:
    """Return "Department: Data, Sales" and the like."""
    return f"{LABELS[name]}: {', '.join(value_label(name, value) for value in values)}"


def search_words(wanted: PublicFilter) -> list[str]:
    """Return what is searched for and each filter, in words."""
    return ([f"“{wanted.q}”"] if wanted.q else []) + [filter_words(*each) for each in wanted.chosen]


def list_title(organisation: str, wanted: PublicFilter) -> str:
    """Return what tells a list of jobs from others, a filtered one too, such as among a reader's feeds."""
    return " · ".join((f"Jobs at {organisation}", *search_words(wanted)))


def workplace_label(job: Any) -> str | None:
    """Return "Hybrid" and the like."""
    return FIELDS["workplace_type"].display(job) or None


def employment_label(job: Any) -> str | None:
    """Return "Full-time" and the like."""
    return FIELDS["employment_type"].display(job) or None


def public_salary(job: Any) -> Salary | None:
    """Return the salary if the organisation shows it."""
    amount = job.salary_min if job.salary_min is not None else job.salary_max
    if not job.salary_visible or amount is None or not job.salary_currency:
        return None
    return Salary(job.salary_min, job.salary_max, job.salary_currency, period_of(job.salary_period))


def salary_label(job: Any) -> str | None:
    """Return "€85k – 110k" and the like."""
    salary = public_salary(job)
    return format_salary(salary) if salary else None


def unsaid_workplace(job: Any) -> str | None:
    """Return "Hybrid" and the like unless the location says so already: "Remote, Europe"."""
    label, location = workplace_label(job), job.location or ""
    if not label or label.casefold() in location.casefold():
        return None
    is_remote = job.workplace_type == WorkplaceType.REMOTE
    return None if is_remote and location and read_location(location).offers_remote else label


class MainFacts(NamedTuple):
    """What the page of a job and its share image say below the title, each in words."""

    location: str | None
    workplace: str | None
    employment: str | None
    pay: str | None


def main_facts(job: Any) -> MainFacts:
    """Return what is said of a job below its title."""
    return MainFacts(job.location, unsaid_workplace(job), employment_label(job), salary_label(job))


def foreign_language(language: str | None) -> str | None:
    """Return "in German" where a post is in another language than the page."""
    if primary_language(language) in (None, PAGE_LANGUAGE):
        return None
    return f"in {language_name(language or '')}"


def days_ago(opened_on: date, today: date) -> str:
    """Return when a job was posted, as people say it: "today", "3 days ago", "12 Nov"."""
    days = (today - opened_on).days
    if days <= 1:
        return "today" if days < 1 else "yesterday"
    if days <= LONGEST_AGO:
        return f"{days} days ago"
    said = f"{opened_on.day} {opened_on:%b %Y}"
    return said.removesuffix(f" {today.year}")


def job_facts(job: Any, *, with_department: bool = True) -> tuple[tuple[str, str | None], ...]:
    """Return what a list says of a job below its title, each fact with its language."""
    facts = (
        (job.department if with_department else None, job.language),
        (job.location, job.language),
        (unsaid_workplace(job), None),
        (employment_label(job), None),
        (foreign_language(job.language), None),
    )
    return tuple((text, language) for text, language in facts if text)
