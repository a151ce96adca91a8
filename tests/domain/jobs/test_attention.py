"""What a job lacks."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.domain.jobs.derived import count_words, lacks_of, stored_lacks

TODAY = date(2026, 11, 23)


def lacking(
    *,
    any_salary_shown: bool = True,
    words: int = 100,
    closes_on: date | None = None,
    link: str | None = "x",
    **kept: Any,
) -> list[str]:
    full = {"location": "Porto", "workplace_type": None, "employment_type": "full_time"}
    full |= {"salary_min": 1, "salary_max": None}
    job = SimpleNamespace(lacks=stored_lacks(**full | kept), words=words, closes_on=closes_on, apply_url=link)
    return [remedy.label for remedy in lacks_of(job, TODAY, any_salary_shown=any_salary_shown)]


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ({}, []),
        ({"location": None}, ["No location"]),
        ({"location": ""}, ["No location"]),
        ({"location": "TBD"}, ["No location"]),
        ({"location": "Springfield, IL"}, []),
        ({"location": "Cambridge"}, ["No country"]),
        ({"location": "EMEA"}, ["No country"]),
        ({"location": "Remote (US)", "workplace_type": "remote"}, []),
        ({"location": "Remote - DACH", "workplace_type": "remote"}, []),
        ({"location": "Worldwide", "workplace_type": "remote"}, ["From where?"]),
        ({"location": "Remote EMEA", "workplace_type": "remote"}, ["From where?"]),
        ({"location": None, "workplace_type": "remote"}, ["From where?"]),
        ({"employment_type": None}, ["No type"]),
        ({"salary_min": None}, ["No salary"]),
        ({"salary_min": None, "salary_max": 5}, []),
        ({"salary_min": None, "any_salary_shown": False}, []),
        ({"link": None}, ["No link to apply"]),
        ({"words": 99}, ["Short description"]),
        ({"closes_on": TODAY}, []),
        ({"closes_on": TODAY - timedelta(days=1)}, ["Closing date passed"]),
        ({"location": None, "words": 0}, ["No location", "Short description"]),
    ],
)
def test_a_job_is_told_what_it_lacks(said: dict[str, Any], labels: list[str]) -> None:
    assert lacking(**said) == labels


@pytest.mark.parametrize(
    ("html", "words"),
    [
        *(("", 0), (None, 0), ("<p> </p>", 0), ("<p>Weld masts.</p><p>At sea.</p>", 4)),
        *(("<ul><li>one</li><li>two</li></ul>", 2), ("<p title='a b'>Weld</p>\n\tmasts\fat\rsea", 4)),
        *(("Weld\xa0masts\u2009at\u3000sea", 4), ("Łódź – “masts”", 3), ("<p>1 < 2 and</p><p>3</p>", 5)),
    ],
)
def test_the_words_of_a_description_are_counted(html: str | None, words: int) -> None:
    assert count_words(html) == words


@pytest.mark.parametrize(
    ("sentence", "least", "most"),
    [
        ("私たちは風を測る機器を作っています。", 6, 10),
        ("我们制造测量风速的仪器。", 5, 7),
        ("เราสร้างเครื่องมือวัดลม", 4, 6),
        ("យើងបង្កើតឧបករណ៍វាស់ខ្យល់", 4, 6),
        ("우리는 바람을 측정하는 기기를 만듭니다.", 5, 5),
        ("Мы создаём приборы, которые измеряют ветер.", 6, 6),
        ("We&nbsp;build&nbsp;instruments&nbsp;in 東京.", 6, 6),
    ],
)
def test_scripts_without_spaces_count_about_as_many_words_as_others(
    sentence: str, least: int, most: int
) -> None:
    assert least <= count_words(f"<p>{sentence}</p>") <= most
    assert least * 20 <= count_words(f"<p>{sentence}</p>" * 20) <= most * 20
