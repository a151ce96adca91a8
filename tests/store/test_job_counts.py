"""Lists, counts and choices agree with each other and with the jobs, on both databases."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db import connection, db, write
from portal.models import Connection, HeldClosing
from portal.store import job_counts
from portal.store.job_counts import PARTS, any_salary_shown, count_all, count_views
from portal.store.job_lists import NO_VALUE, JobFilter, Status, list_jobs
from portal.store.shortcuts import Choice, count_choices, used_tags, used_values
from tests.support.app import Cast, MakeJob, MakeJobs
from tests.support.databases import on_sqlite
from tests.support.statements import statements_sent

TODAY = date(2026, 11, 23)


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """A hundred jobs of every kind."""
    chance = random.Random(7)
    return make_jobs({"title": f"Welder {number}", **columns(chance)} for number in range(100))


def columns(chance: random.Random) -> dict[str, Any]:
    pick = chance.choice
    return {
        "listed": pick([True, True, False]),
        "visibility": pick(["shown", "shown", "shown", "members", "hidden", "new"]),
        "closes_on": pick([None, TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=1)]),
        "location": pick([None, "Porto", "Porto; Lisbon", "Łódź"]),
        "employment_type": pick([None, "full_time"]),
        "apply_url": pick([None, "https://northwind.example/apply"]),
        "description_html": pick(["", f"<p>{'word ' * 100}</p>"]),
    }


def listed(cast: Cast, wanted: JobFilter, *, pays: bool = False, **how: Any) -> list[int]:
    """The ids of all jobs that a list holds."""
    asked = {"sort": "title", "limit": 1000, "offset": 0} | how
    jobs = list_jobs(cast.northwind.id, wanted, TODAY, any_salary_shown=pays, **asked)
    return [job.id for job in jobs]


@pytest.mark.parametrize("pays", [True, False])
@pytest.mark.parametrize("q", ["", "welder", "łódź"])
def test_every_view_counts_what_it_lists(
    app: Flask, cast: Cast, jobs: list[int], make_jobs: MakeJobs, q: str, pays: bool
) -> None:
    gone = {"title": "Welder, deleted", "deleted_at": datetime.now(UTC)}
    make_jobs([{"organisation_id": cast.cafe.id, "title": "Welder elsewhere"}])
    make_jobs(gone | columns(random.Random(number)) for number in range(10))
    hold(app, cast, jobs[:3])
    with app.app_context():
        counts = count_views(cast.northwind.id, JobFilter(q), TODAY, any_salary_shown=pays)
        assert counts.total == len(jobs)
        for status in (None, *Status):
            wanted = JobFilter(q, status)
            found = listed(cast, wanted, pays=pays)
            assert counts.of(status) == len(found), status
            assert count_all(cast.northwind.id, wanted, TODAY, any_salary_shown=pays) == len(found)
    assert sum(counts.of(status) for status in PARTS) == counts.matching
    assert counts.of(Status.HIDDEN) > counts.of(Status.NEW) > 0
    assert counts.of(Status.OPEN)
    assert counts.of(Status.MEMBERS) or q


def hold(app: Flask, cast: Cast, jobs: list[int]) -> None:
    """Hold the closing of these jobs."""
    connection = Connection(
        organisation_id=cast.northwind.id,
        public_key="k",
        board_token="n",
        board_name="n",
        api_key_ciphertext=b"",
        api_key_last_four="",
    )
    with app.app_context(), write() as session:
        session.add(connection)
        session.flush()
        common = {"organisation_id": cast.northwind.id, "connection_id": connection.id}
        session.add_all(HeldClosing(job_id=job, **common) for job in jobs)


def test_what_is_held_is_listed(app: Flask, cast: Cast, jobs: list[int]) -> None:
    hold(app, cast, jobs[:3])
    with app.app_context():
        assert sorted(listed(cast, JobFilter(status=Status.HELD))) == jobs[:3]


def test_a_missing_salary_matters_where_others_are_shown(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    sound = {"location": "Porto", "employment_type": "full_time", "description_html": "word " * 100}
    paid = {"salary_min": 1, "salary_currency": "EUR", "salary_period": "year"}
    unpaid = make_job(**sound)
    wanted = JobFilter(status=Status.ATTENTION)
    for make, expected in (
        (lambda: None, []),
        (lambda: make_job(**sound, **paid, salary_visible=False), []),
        (lambda: make_job(**sound, **paid), [unpaid]),
    ):
        make()
        with app.app_context():
            pays = any_salary_shown(cast.northwind.id)
            assert listed(cast, wanted, pays=pays) == expected
            assert count_views(cast.northwind.id, JobFilter(), TODAY, any_salary_shown=pays).of(
                Status.ATTENTION
            ) == len(expected)


@pytest.mark.parametrize(
    "q", ["lodz", "ŁÓDŹ schweisser", "SCHWEIẞER", "nachte", "r-7 yard", "schweißer lodz"]
)
def test_words_are_found_in_any_order_case_and_accent(
    app: Flask, cast: Cast, make_job: MakeJob, q: str
) -> None:
    job = make_job(
        title="Schweißer", location="Łódź", department="Yard", tags=["Nächte"], requisition_id="R-7"
    )
    make_job(title="Koch", location="Lyon")
    with app.app_context():
        assert listed(cast, JobFilter(q)) == [job]


@pytest.mark.parametrize("q", ["%", "_", "\\", "|", "’n"])
def test_no_sign_stands_for_another(app: Flask, cast: Cast, make_job: MakeJob, q: str) -> None:
    make_job(title="Welder", location="Porto")
    job = make_job(title=f"Odd {q} sign")
    with app.app_context():
        assert listed(cast, JobFilter(q)) == [job]


def test_a_job_counts_for_each_of_its_places(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    for location in ("Porto", "porto", "Porto; Lisbon", "Lisbon or Porto", "Remote", None):
        make_job(location=location, department="Yard")
    make_job(location="Faro", department="Data")
    wanted = JobFilter(exact=(("department", "Yard"), ("location", "Lisbon")))
    with app.app_context():
        found = count_choices(cast.northwind.id, wanted, "location", TODAY, any_salary_shown=False)
        assert found == [
            Choice("Lisbon", 2),
            Choice("Porto", 4),
            Choice("Portugal", 4),
            Choice("Remote", 1),
            Choice(NO_VALUE, 1),
        ]
        for choice in found:
            exact = JobFilter(exact=(("department", "Yard"), ("location", choice.value)))
            assert len(listed(cast, exact)) == choice.count


def test_spellings_of_a_department_are_one_choice_with_all_their_jobs(
    app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    spellings = [
        "Engineering",
        "ENGINEERING",
        "Engineering\u200b",
        "Engineering",
        "engi neering",
        "Engineering 2",
    ]
    jobs = [make_job(department=spelling) for spelling in spellings]
    with app.app_context():
        found = count_choices(cast.northwind.id, JobFilter(), "department", TODAY, any_salary_shown=False)
        assert found == [Choice("Engineering", 5), Choice("Engineering 2", 1)]
        for spelling in spellings[:5]:
            wanted = JobFilter(exact=(("department", spelling),))
            assert set(listed(cast, wanted)) == set(jobs[:5])
        assert used_values(cast.northwind.id, "department")["department"] == ["Engineering", "Engineering 2"]


def test_the_commonest_spelling_of_each_value_is_offered(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    for name in ("sasha Roy", "Sasha Roy", "Sasha Roy", "SASHA ROY"):
        make_job(hiring_manager=name, seniority=name, department=name, tags=[name, "Évora", "Zoo", "äpfel"])
    with app.app_context():
        used = used_values(cast.northwind.id, "hiring_manager", "seniority", "department")
        assert used == {name: ["Sasha Roy"] for name in ("hiring_manager", "seniority", "department")}
        assert used_tags(cast.northwind.id) == ["äpfel", "Évora", "Sasha Roy", "Zoo"]
        [one] = count_choices(cast.northwind.id, JobFilter(), "department", TODAY, any_salary_shown=False)
        assert one == Choice("Sasha Roy", 4)


@pytest.mark.parametrize(
    ("title", "q"),
    [
        ("Women’s Health Lead", "women's"),
        ("Women's Health Lead", "women’s"),
        ("Account Executive – Italy", "executive - italy"),
        ("Full‑Stack Engineer", "full-stack"),
        ("Software\u00adentwickler:in", "softwareentwickler"),
        ("Lead Data Engineer", '"data engineer"'),
        ("ガス技術者", "ガス"),
    ],
)
def test_a_title_is_found_however_its_signs_are_typed(
    app: Flask, cast: Cast, make_job: MakeJob, title: str, q: str
) -> None:
    job = make_job(title=title)
    make_job(title="Engineer, Data, Woman, カス")
    with app.app_context():
        assert listed(cast, JobFilter(q)) == [job]


@pytest.mark.parametrize("wanted", [JobFilter("wélder 1"), JobFilter("8", exact=(("location", "Porto"),))])
def test_the_few_that_a_search_finds_are_listed_without_looking_for_them_again(
    app: Flask, cast: Cast, jobs: list[int], make_job: MakeJob, wanted: JobFilter
) -> None:
    make_job(organisation_id=cast.cafe.id, title="Welder 18", location="Porto")
    with app.app_context():
        found = count_views(cast.northwind.id, wanted, TODAY, any_salary_shown=False).found
        assert found
        assert sorted(found) == sorted(listed(cast, wanted))
        for status in (None, Status.OPEN, Status.CLOSED):
            asked = replace(wanted, status=status)
            for sort in ("title", "-changed_at"):
                how: dict[str, Any] = {"sort": sort, "limit": 3, "offset": 1, "group": "location"}
                assert listed(cast, asked, **how, found=found) == listed(cast, asked, **how)


def test_many_that_a_search_finds_are_not_named(
    app: Flask, cast: Cast, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        monkeypatch.setattr(job_counts, "MOST_FOUND", len(jobs) - 1)
        job_counts._narrowed.cache_clear()
        found = [
            count_views(cast.northwind.id, JobFilter(q), TODAY, any_salary_shown=False).found
            for q in ("welder", "nobody")
        ]
        job_counts._narrowed.cache_clear()
    assert found == [None, None]


@on_sqlite
def test_a_search_reads_an_index_and_none_of_what_else_jobs_are(
    app: Flask, cast: Cast, jobs: list[int]
) -> None:
    with app.app_context():
        with statements_sent(db.engine) as sent:
            count_views(cast.northwind.id, JobFilter("welder"), TODAY, any_salary_shown=False)
        [(said, given, _)] = [each for each in sent if "instr(" in each.statement]
        plan = connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all()
    assert "USING COVERING INDEX ix_jobs_searched" in plan[0][3]


def test_counts_go_no_further_than_the_cap(
    app: Flask, cast: Cast, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_counts, "MOST_COUNTED", 10)
    job_counts._every_view.cache_clear()
    with app.app_context():
        for wanted in (JobFilter(), JobFilter("welder")):
            counts = count_views(cast.northwind.id, wanted, TODAY, any_salary_shown=False)
            assert (counts.total, counts.matching) == (11, 11)
            assert set(counts.by_status.values()) <= set(range(12))
    job_counts._every_view.cache_clear()
