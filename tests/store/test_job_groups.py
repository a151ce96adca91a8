"""Lists filtered by several values, and lists in groups, on both databases."""

import random
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import session
from portal.domain.jobs.fields import EmploymentType
from portal.models import Job
from portal.store.job_counts import count_groups, groups_of, spellings_of
from portal.store.job_lists import GROUPS, NO_VALUE, STATES, JobFilter, Status, has, list_jobs
from portal.store.shortcuts import count_choices
from tests.support.app import Cast, MakeJob, MakeJobs

TODAY = date(2031, 1, 1)
DEPARTMENTS = (None, "Yard", "YARD", "Data", "Éclairage", "engineering", "Engineering 2", "Engineering 10")
PLACES = (None, "Porto", "Porto; Lisbon", "Łódź", "Berlin, Germany")


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """Sixty jobs of every kind."""
    chance = random.Random(11)
    return make_jobs({"title": f"Welder {number}", **columns(chance)} for number in range(60))


def columns(chance: random.Random) -> dict[str, Any]:
    pick = chance.choice
    return {
        "department": pick(DEPARTMENTS),
        "location": pick(PLACES),
        "employment_type": pick([None, *EmploymentType]),
        "workplace_type": pick([None, "remote", "onsite"]),
        "source": pick(["own", "greenhouse"]),
        "listed": pick([True, True, False]),
        "visibility": pick(["shown", "shown", "members", "hidden", "new"]),
        "closes_on": pick([None, TODAY, TODAY - timedelta(days=1)]),
    }


def listed(cast: Cast, wanted: JobFilter, **how: Any) -> list[int]:
    """The ids of the jobs on a page."""
    how = {"sort": "-title", "limit": 1000, "offset": 0} | how
    found = list_jobs(cast.northwind.id, wanted, TODAY, any_salary_shown=False, **how)
    return [job.id for job in found]


def wanting(**values: tuple[str, ...]) -> JobFilter:
    return JobFilter(exact=tuple((name, value) for name, each in values.items() for value in each))


def test_of_several_values_a_job_needs_one_and_of_several_filters_each(
    app: Flask, cast: Cast, jobs: list[int]
) -> None:
    chance = random.Random(5)
    with app.app_context():
        stored = [session().get_one(Job, job) for job in jobs]
        for _ in range(20):
            departments = tuple(chance.sample(["yard", "Data", "ÉCLAIRAGE", "Nowhere", NO_VALUE], 2))
            kinds = tuple(chance.sample([*map(str, EmploymentType), NO_VALUE], 3))
            wanted = wanting(department=departments, employment_type=kinds)
            expected = {
                job.id
                for job in stored
                if (job.department or "").casefold() in {each.casefold() for each in departments}
                and (job.employment_type or "") in kinds
            }
            assert set(listed(cast, wanted)) == expected, wanted


@pytest.mark.parametrize("name", ["department", "location", "workplace_type", "employment_type", "source"])
def test_each_choice_leaves_as_many_as_it_says_and_two_leave_both(
    app: Flask, cast: Cast, jobs: list[int], name: str
) -> None:
    other = wanting(source=("own",), workplace_type=("remote", NO_VALUE)).without(name)
    with app.app_context():
        found = count_choices(cast.northwind.id, other, name, TODAY, any_salary_shown=False)
        of_each = {}
        for choice in found:
            wanted = JobFilter(exact=(*other.exact, (name, choice.value)))
            of_each[choice.value] = set(listed(cast, wanted))
            assert len(of_each[choice.value]) == choice.count, choice
        assert set().union(*of_each.values()) == set(listed(cast, other))
        first, last = found[0].value, found[-1].value
        both = JobFilter(exact=(*other.exact, (name, first), (name, last)))
        assert set(listed(cast, both)) == of_each[first] | of_each[last]
        assert (last == NO_VALUE) == (name != "source")


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("status", [None, Status.OPEN])
def test_the_pages_of_a_grouped_list_are_the_list_with_each_group_together(
    app: Flask, cast: Cast, jobs: list[int], group: str, status: Status | None
) -> None:
    wanted = JobFilter(status=status)
    with app.app_context():
        for sort in ("title", "-changed_at", group, f"-{group}"):
            whole = listed(cast, wanted, sort=sort, group=group)
            pages = [
                listed(cast, wanted, sort=sort, group=group, limit=7, offset=start)
                for start in range(0, len(whole), 7)
            ]
            assert [job for page in pages for job in page] == whole
            plain = listed(cast, wanted, sort=sort)
            assert sorted(whole) == sorted(plain)
            keys = groups_of(whole, group, TODAY)
            runs = [(key, list(members)) for key, members in groupby(whole, key=keys.__getitem__)]
            assert len({key for key, _ in runs}) == len(runs)
            for key, members in runs:
                if sort.removeprefix("-") != group:
                    assert members == [job for job in plain if keys[job] == key]
            order = [key for key, _ in runs if key is not None]
            assert order == sorted(order, reverse=sort == f"-{group}")
            assert None not in [key for key, _ in runs][:-1]
            counts = count_groups(
                cast.northwind.id, wanted, TODAY, group, set(keys.values()), any_salary_shown=False
            )
            assert {key: each.count for key, each in counts.items()} == {
                key: len(members) for key, members in runs
            }


def test_a_group_is_called_as_most_of_its_jobs_say(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    for name in ("yard", "Yard", "Yard", "YARD", "Data", None):
        last = make_job(department=name)
    with app.app_context():
        keys = groups_of(listed(cast, JobFilter()), "department", TODAY)
        assert keys[last] is None
        counts = count_groups(
            cast.northwind.id, JobFilter(), TODAY, "department", set(keys.values()), any_salary_shown=False
        )
        assert {(each.name, each.count) for each in counts.values()} == {("Yard", 4), ("Data", 1), ("", 1)}


def test_states_and_types_are_in_the_order_that_people_know(app: Flask, cast: Cast, jobs: list[int]) -> None:
    with app.app_context():
        states = groups_of(listed(cast, JobFilter(), group="state"), "state", TODAY)
        before: set[int] = set()
        for place, state in enumerate(STATES):
            condition = has(state, TODAY, any_salary_shown=False)
            members = set(session().scalars(select(Job.id).where(condition)))
            assert {job for job, key in states.items() if key == place} == members - before
            before |= members
        grouped = listed(cast, JobFilter(), group="employment_type")
        kinds = [session().get_one(Job, job).employment_type for job in grouped]
        assert [kind for kind, _ in groupby(kinds)] == [*map(str, EmploymentType), None]


@pytest.mark.parametrize("group", ["department", "location"])
def test_names_that_differ_only_in_spaces_are_one_group(
    app: Flask, cast: Cast, make_job: MakeJob, group: str
) -> None:
    names = ("Backend", "Back office", "Back end", "Backend", "Backend", "Back  End", "Backup", None)
    jobs = [make_job(title=f"Welder {number}", **{group: name}) for number, name in enumerate(names)]
    with app.app_context():
        spellings = spellings_of(cast.northwind.id, group)
        found = listed(cast, JobFilter(), group=group, sort="title", spellings=spellings)
        keys = groups_of(jobs, group, TODAY, spellings)
        how = {"any_salary_shown": False, "spellings": spellings}
        counts = count_groups(cast.northwind.id, JobFilter(), TODAY, group, set(keys.values()), **how)
        shown = [(counts[key].name, counts[key].count) for key, _ in groupby(keys[job] for job in found)]
    assert shown == [("Back office", 1), ("Backend", 5), ("Backup", 1), ("", 1)]
