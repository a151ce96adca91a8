"""The public list holds what its filters and counts say, on both databases."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.domain.jobs.public_list import EVERY_JOB, PublicFilter, matches, read_filter, tally
from portal.models import Job
from portal.store.jobs import job_of
from portal.store.public.alerts import new_jobs, note_published
from portal.store.public.jobs import (
    count_groups,
    jobs_with_descriptions,
    last_change,
    list_public_jobs,
    public_job_ids,
)
from portal.store.public.similar_jobs import NEWEST_COMPARED, newest_jobs
from tests.support.app import Cast, MakeJob, MakeJobs

TODAY = date(2026, 11, 23)
ASKED: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("", {}),
    ("welder 1", {}),
    ("", {"department": ["R&D", "sales"]}),
    ("", {"location": ["Portugal", "Łódź"]}),
    ("", {"location": ["Oregon"], "workplace_type": ["remote"]}),
    ("", {"language": ["pt"], "employment_type": ["full_time", "nonsense"]}),
    ("porto", {"language": ["%", "en"]}),
)


def columns(chance: random.Random) -> dict[str, Any]:
    pick = chance.choice
    return {
        "listed": pick([True, True, False]),
        "visibility": pick(["shown", "shown", "members", "hidden", "new"]),
        "closes_on": pick([None, TODAY, TODAY - timedelta(days=1)]),
        "department": pick([None, "", "R&D", "r&d", "Sales"]),
        "location": pick([None, "Porto", "Porto; Lisbon", "Łódź", "Portland"]),
        "office_places": pick([None, "Portland, OR"]),
        "workplace_type": pick([None, "remote"]),
        "employment_type": pick([None, "full_time"]),
        "language": pick([None, "en", "pt-BR", "pt", "ptx"]),
        "featured": pick([False, False, True]),
        "opened_at": datetime(2026, 11, pick(range(1, 22)), tzinfo=UTC),
    }


@pytest.fixture
def in_app(app: Flask, cast: Cast, make_jobs: MakeJobs) -> Iterator[int]:
    """An organisation with a hundred jobs of every kind, beside another one."""
    chance = random.Random(11)
    make_jobs({"title": f"Welder {number}", **columns(chance)} for number in range(100))
    make_jobs([{"organisation_id": cast.cafe.id, "title": "Welder elsewhere"}])
    with app.app_context():
        yield cast.northwind.id


def test_what_is_counted_is_what_is_listed(in_app: int) -> None:
    for members in (False, True):
        for q, asked in ASKED:
            wanted = read_filter(q, asked)
            found = tally(count_groups(in_app, TODAY, q, to_members=members), wanted)
            listed = list_public_jobs(in_app, TODAY, wanted, to_members=members, limit=1_000)
            assert found.total == len(listed), (q, asked)
            for name, choices in found.choices.items():
                for value, count in choices.items():
                    alone = list_public_jobs(
                        in_app, TODAY, wanted.only(name, value), to_members=members, limit=1_000
                    )
                    assert count == len(alone), (q, asked, name, value)


def test_only_members_find_what_is_for_members_and_nobody_what_is_hidden_or_closed(in_app: int) -> None:
    for members, seen in ((False, {"shown"}), (True, {"shown", "members"})):
        listed = list_public_jobs(in_app, TODAY, to_members=members, limit=1_000)
        assert {job.visibility for job in listed} == seen
        open_ones = {job.id for job in listed if is_open(in_app, job.id)}
        assert open_ones == {job.id for job in listed}


def test_a_feed_holds_every_job_that_strangers_find_in_the_order_asked_for(in_app: int) -> None:
    for q, asked in ASKED:
        wanted = read_filter(q, asked)
        listed = list_public_jobs(in_app, TODAY, wanted, limit=1_000)
        job_ids = public_job_ids(in_app, TODAY, wanted)
        in_order = sorted(listed, key=lambda job: (job.opened_at, job.id), reverse=True)
        assert job_ids == [job.id for job in in_order], (q, asked)
        every_id = [0, *range(in_order[-1].id, in_order[0].id), *job_ids] if job_ids else []
        assert [job.id for job in jobs_with_descriptions(in_app, TODAY, job_ids)] == job_ids
        assert {job.visibility for job in jobs_with_descriptions(in_app, TODAY, every_id)} <= {"shown"}
        assert (last_change(in_app, wanted) is None) == (not job_ids)


def test_alerts_hear_of_the_very_jobs_that_their_search_lists(in_app: int) -> None:
    note_published(in_app, TODAY)
    jobs = new_jobs(in_app, TODAY, 0)
    for q, asked in ASKED:
        wanted = read_filter(q, asked)
        found = [job.id for job in jobs if matches(wanted)(job)]
        assert found == public_job_ids(in_app, TODAY, wanted), (q, asked)
        assert found[2:5] == public_job_ids(in_app, TODAY, wanted, limit=3, offset=2), (q, asked)


def is_open(organisation: int, job_id: int) -> bool:
    job = job_of(organisation, job_id)
    return job is not None and job.listed and (job.closes_on is None or job.closes_on >= TODAY)


def test_departments_stand_together_with_the_newest_first_after_what_is_featured(in_app: int) -> None:
    jobs = list_public_jobs(in_app, TODAY, by_department=True, limit=1_000)
    keys = [
        (
            not job.featured,
            job.featured or not job.department,
            "" if job.featured else (job.department or "").upper(),
        )
        for job in jobs
    ]
    order = [(featured, not featured or not nameless, name) for featured, nameless, name in keys]
    assert [key[0] for key in order] == sorted(key[0] for key in order)
    rest = [key for key in keys if key[0]]
    assert [(key[1], key[2]) for key in rest] == sorted((key[1], key[2]) for key in rest)
    pages = [
        list_public_jobs(in_app, TODAY, by_department=True, limit=7, offset=at) for at in range(0, 98, 7)
    ]
    assert [job.id for page in pages for job in page] == [job.id for job in jobs]


def test_a_filter_that_is_none_is_refused(in_app: int) -> None:
    with pytest.raises(ValueError, match="not filtered by 'title'"):
        list_public_jobs(in_app, TODAY, PublicFilter(chosen=(("title", ("x",)),)), limit=1)
    assert EVERY_JOB.is_empty


def test_similar_jobs_share_department_or_place_those_that_share_both_come_first(
    app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    places = {"location": "Porto, Portugal"}
    asked = make_job(department="Data", **places)
    other = make_job(title="Place", department="Sales", location="Lisbon; Porto")
    near = make_job(title="Department", department="data", location="Faro")
    both = make_job(title="Both", department="Data", location="Porto")
    make_job(title="Neither", department="Sales", location="Lisbon, Portugal")
    make_job(title="Hidden", department="Data", visibility="hidden", **places)
    make_job(title="For members", department="Data", visibility="members", **places)
    with app.app_context():
        job = job_of(cast.northwind.id, asked, whole=True)
        assert isinstance(job, Job)
        newest = newest_jobs(job.organisation_id, TODAY)
        found = newest.similar_to(job, 5)
        assert [each.job.id for each in found] == [both, near, other]
        assert [(each.same_department, each.same_place) for each in found] == [
            (True, True),
            (True, False),
            (False, True),
        ]
        assert [each.job.id for each in newest.similar_to(job, 1)] == [both]
    assert NEWEST_COMPARED >= 200
