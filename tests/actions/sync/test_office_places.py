"""An office decides in which country a town lies whose name leaves it open, from the board to the markup."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import duplicate_job
from portal.actions.jobs.undo import undo_edit
from portal.db import end_read
from portal.domain.jobs.derived import Lack
from portal.models import Job
from portal.store.job_lists import JobFilter, list_jobs
from portal.store.shortcuts import count_choices
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.derived_columns import wrong_columns
from tests.support.postings import address, said_of_places
from tests.support.syncs import Sync, before_the_commit

TODAY = date(2026, 1, 1)


def post(number: int, location: str, *offices: tuple[str, str | None]) -> dict[str, Any]:
    made = [
        {"id": 10 * number + place, "name": name, "location": where, "parent_id": None, "child_ids": []}
        for place, (name, where) in enumerate(offices)
    ]
    return {
        "id": number,
        "internal_job_id": number,
        "title": "Baker",
        "absolute_url": "https://bakery.example/jobs/1",
        "content": "<p>We bake.</p>",
        "location": {"name": location},
        "offices": made,
    }


class Bakery:
    """What admins and search engines find of the first job."""

    def __init__(self, app: Flask, cast: Cast, job: Callable[[int], Job]) -> None:
        self.app, self.org, self.user, self.job = app, cast.northwind.id, cast.mara.id, job

    def choices(self) -> dict[str, int]:
        found = count_choices(self.org, JobFilter(), "location", TODAY, any_salary_shown=False)
        end_read()
        return {choice.value: choice.count for choice in found}

    def found(self, place: str) -> int:
        wanted = JobFilter(exact=(("location", place),))
        given: dict[str, Any] = {"any_salary_shown": False, "sort": "title", "limit": 50, "offset": 0}
        jobs = list_jobs(self.org, wanted, TODAY, **given)
        end_read()
        return len(jobs)

    def markup(self, number: int) -> dict[str, Any] | None:
        end_read()
        stored = self.job(number)
        page = self.app.test_client().get(f"/orgs/northwind/jobs/{stored.id}").text
        said = said_of_places(page)
        assert bool(stored.lacks & (Lack.LOCATION | Lack.COUNTRY)) == (said is None)
        end_read()
        assert wrong_columns() == []
        return said


def test_the_office_tells_the_country_to_markup_list_and_filter(
    app: Flask, cast: Cast, sync: Sync, board: DemoBoard, job: Callable[[int], Job]
) -> None:
    bakery = Bakery(app, cast, job)
    posts = [
        post(1, "Cambridge", ("Boston", "Boston, Massachusetts, United States")),
        post(2, "Cambridge", ("London", "London, United Kingdom")),
        post(3, "Cambridge", ("Berlin", "Berlin, Germany")),
        post(4, "Springfield", ("Springfield", "Springfield, Illinois, United States")),
        post(5, "Parow", ("Parow", "South Africa"), ("Lyon", None)),
        post(6, "Parow"),
        post(7, "Lyon", ("Berlin", "Berlin, Germany")),
    ]
    board.set_posts(board.token, posts)
    sync()
    assert [bakery.markup(number) for number in range(1, 8)] == [
        address("Cambridge", "MA", "US"),
        address("Cambridge", None, "GB"),
        None,
        address("Springfield", "IL", "US"),
        address("Parow", None, "ZA"),
        None,
        address("Lyon", None, "FR"),
    ]
    choices = bakery.choices()
    assert {"Cambridge": 3, "Parow": 2, "United States": 2, "South Africa": 1}.items() <= choices.items()
    assert {place: bakery.found(place) for place in choices} == choices


@on_sqlite
def test_a_country_follows_the_location_as_it_is_edited_and_given_back_and_the_office_as_it_moves(
    app: Flask, cast: Cast, sync: Sync, board: DemoBoard, job: Callable[[int], Job]
) -> None:
    bakery = Bakery(app, cast, job)
    board.set_posts(board.token, [post(1, "Cambridge", ("Bakery", "Boston, MA"))])
    sync()
    edit = edit_field(bakery.org, job(1).id, "location", "Lyon", 0, bakery.user)
    assert bakery.markup(1) == address("Lyon", None, "FR")
    assert edit.edit_id is not None
    undo_edit(bakery.org, edit.edit_id, bakery.user)
    assert bakery.markup(1) == address("Cambridge", "MA", "US")
    copy = duplicate_job(bakery.org, job(1).id)
    assert copy is not None
    assert not copy.lacks & Lack.COUNTRY

    board.set_posts(board.token, [post(1, "Cambridge", ("Bakery", "London, UK"))])
    before = job(1).revision
    sync()
    assert bakery.markup(1) == address("Cambridge", None, "GB")
    assert (bakery.found("United Kingdom"), bakery.found("United States")) == (1, 1)  # the copy stays
    assert job(1).revision > before  # lists that are open show that a country was found


def test_an_edit_made_while_a_sync_moves_the_office_keeps_its_place(
    app: Flask,
    cast: Cast,
    sync: Sync,
    board: DemoBoard,
    job: Callable[[int], Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bakery = Bakery(app, cast, job)
    board.set_posts(board.token, [post(number, "Cambridge", ("Bakery", "Boston, MA")) for number in (1, 2)])
    sync()
    edited = job(1).id
    board.set_posts(board.token, [post(number, "Cambridge", ("Bakery", "London, UK")) for number in (1, 2)])
    with before_the_commit(
        monkeypatch, lambda: edit_field(bakery.org, edited, "location", "Porto", 0, bakery.user)
    ):
        sync()
    assert bakery.markup(1) == address("Porto", None, "PT")
    assert bakery.markup(2) == address("Cambridge", None, "GB")
