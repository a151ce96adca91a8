"""The filters of Manage jobs: painted with what is known beforehand, counted when they are opened."""

from dataclasses import dataclass
from datetime import date

from portal.domain.job_fields import FIELDS
from portal.store.job_counts import count_choices
from portal.web.jobs.listing import FILTER_LABELS, SOURCE_LABELS, ListQuery, labelled
from portal.web.templating import capped


@dataclass(frozen=True, slots=True)
class Finder:
    """One column to filter by: the value chosen, and all that may be; ``waits`` until they are asked for."""

    name: str
    label: str
    chosen: str
    choices: tuple[tuple[str, str], ...]
    waits: bool = False


def finders(query: ListQuery) -> list[Finder]:
    """Return every filter without counts; those of open sets wait for their choices."""
    return [_uncounted(query, name) for name in FILTER_LABELS]


def counted_finder(
    organisation_id: int, query: ListQuery, name: str, today: date, *, shows_salaries: bool
) -> Finder:
    """Return one filter with the values in use, each with how many jobs it leaves: "Lisbon (1,000+)"."""
    found = count_choices(organisation_id, query.wanted, name, today, shows_salaries=shows_salaries)
    counts = dict.fromkeys((value for value, _ in _closed_set(name)), 0)
    counts |= {choice.value: choice.count for choice in found}
    chosen = query.chosen.get(name, "")
    choices = tuple((value, f"{labelled(name, value)} ({capped(count)})") for value, count in counts.items())
    return Finder(name, FILTER_LABELS[name], chosen, _with_chosen(name, chosen, choices))


def _uncounted(query: ListQuery, name: str) -> Finder:
    chosen, choices = query.chosen.get(name, ""), _closed_set(name)
    shown = _with_chosen(name, chosen, choices)
    return Finder(name, FILTER_LABELS[name], chosen, shown, waits=not choices)


def _closed_set(name: str) -> tuple[tuple[str, str], ...]:
    return SOURCE_LABELS if name == "source" else FIELDS[name].choices


def _with_chosen(name: str, chosen: str, choices: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What is chosen is among the choices, whatever it is."""
    known = not chosen or chosen in dict(choices)
    return choices if known else ((chosen, labelled(name, chosen)), *choices)
