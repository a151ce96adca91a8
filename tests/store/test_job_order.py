"""A list is in the order that its readers see, on both databases."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain.jobs.columns import COLUMNS
from portal.domain.jobs.derived import SORTED_TEXTS
from portal.domain.jobs.fields import FIELDS
from portal.store.job_lists import JobFilter, is_sortable, list_jobs
from portal.store.jobs import jobs_by_id
from tests.support.app import Cast

MakeJob = Callable[..., int]
TODAY = date(2031, 1, 1)


def titles(app: Flask, cast: Cast, sort: str) -> str:
    """The titles, of a letter each, in their order."""
    with app.app_context():
        found = list_jobs(
            cast.northwind.id, JobFilter(), TODAY, any_salary_shown=False, sort=sort, limit=50, offset=0
        )
        jobs = jobs_by_id(cast.northwind.id, [job.id for job in found])
        return "".join(jobs[job.id].title for job in found)


@pytest.mark.parametrize("name", ["title", "source", *FIELDS, *COLUMNS])
def test_a_list_is_sorted_by_any_column(app: Flask, cast: Cast, make_job: MakeJob, name: str) -> None:
    make_job(title="a")
    assert is_sortable(name)
    assert titles(app, cast, name) == titles(app, cast, f"-{name}") == "a"


def test_states_are_in_the_order_of_the_views(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    yesterday = TODAY - timedelta(days=1)
    make_job(title="p", closes_on=yesterday)
    make_job(title="h", visibility="hidden", closes_on=yesterday)
    make_job(title="o", closes_on=TODAY)
    make_job(title="c", listed=False, visibility="hidden")
    make_job(title="O")
    assert titles(app, cast, "state") == "Oohcp"
    assert titles(app, cast, "-state") == "cphOo"


def test_tags_are_sorted_by_the_first_and_none_comes_last(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    for title, tags in (("n", []), ("s", ["Sea"]), ("b", ["night", "yard"]), ("a", ["Night", "sea"])):
        make_job(title=title, tags=tags)
    assert titles(app, cast, "tags") == "absn"
    assert titles(app, cast, "-tags") == "sban"


ORDER = [
    "Äpfel",
    "apple",
    "Ärztin",
    "Éclair",
    "Engineer 2",
    "Engineer 10",
    "Łukasz",
    "zebra",
    "Zoo",
    "Ёлка",
    "Яр",
]


@pytest.mark.parametrize("name", SORTED_TEXTS)
def test_texts_are_in_the_order_of_the_alphabet_and_none_comes_last(
    app: Flask, cast: Cast, make_job: MakeJob, name: str
) -> None:
    order = ORDER if name == "title" else [*ORDER, None]
    for text in (order[3], order[0], *order[4:], order[2], order[1]):
        make_job(**{name: [text] if name == "tags" and text else text or ([] if name == "tags" else None)})
    with app.app_context():
        for sort in (name, f"-{name}"):
            found = list_jobs(
                cast.northwind.id, JobFilter(), TODAY, any_salary_shown=False, sort=sort, limit=50, offset=0
            )
            jobs = jobs_by_id(cast.northwind.id, [job.id for job in found])
            texts = [getattr(jobs[job.id], name) or None for job in found]
            listed = [text[0] if isinstance(text, list) else text for text in texts]
            assert listed == (ORDER if sort == name else ORDER[::-1]) + order[len(ORDER) :]


def test_what_is_in_no_column_of_the_table_is_sorted_by_all_the_same(
    app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    make_job(title="a", summary="Zebra", salary_visible=False, visibility="shown", source="own")
    make_job(title="b", summary="apple", salary_visible=True, visibility="hidden", source="greenhouse")
    for name, order in (("summary", "ba"), ("salary_visible", "ab"), ("visibility", "ba"), ("source", "ba")):
        assert titles(app, cast, name) == order
        assert titles(app, cast, f"-{name}") == order[::-1]
