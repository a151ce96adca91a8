"""How much of what boards say is prefilled: counts of right, missed and wrong for each column.

``pytest -s`` prints them. A made-up sample, labelled by hand, must come out right throughout. Recorded
boards count besides, where they lie beside the repository: Greenhouse's by the fields that their companies
fill, other systems' by the type and the work model that these systems have fields of their own for.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

import msgspec

from portal.domain.sync.posts import JobPost, Location
from portal.domain.sync.prefill import source_values
from tests.support.boards import ORIGINS, RECORDED, every_post
from tests.support.labelled_posts import LABELLED, Labelled

Counts = dict[str, Counter[str]]


def measured(name: str, labelled: Iterable[Labelled]) -> tuple[Counts, list[str]]:
    """Count and print how the columns of posts compare with their labels, and describe each wrong one."""
    counts: Counts = {}
    wrong = []
    for each in labelled:
        values = source_values(each.post)
        for column, right in each.right.items():
            verdict = judged(values.get(column), right)
            counts.setdefault(column, Counter())[verdict] += 1
            if verdict in {"wrong", "missed"}:
                wrong.append(f"{column} of {each.post.title!r}: {values.get(column)}, not {right}")
    print(table(name, counts))  # noqa: T201
    return counts, wrong


def table(name: str, counts: Counts) -> str:
    verdicts = ("right", "missed", "wrong", "unsaid")
    lines = [f"\n{name:<46}" + "".join(f"{verdict:>8}" for verdict in verdicts)]
    for column, count in counts.items():
        lines.append(f"  {column:<44}" + "".join(f"{count[verdict]:>8,}" for verdict in verdicts))
    return "\n".join(lines)


def judged(value: Any, right: Any) -> str:
    if value == right:
        return "right" if right else "unsaid"
    return "wrong" if value else "missed"


def test_the_labelled_sample_is_prefilled_right() -> None:
    _, wrong = measured("made-up posts, labelled by hand", LABELLED)
    assert wrong == []


FIELDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Employment Length": ("employment_type", {"Full-time": "full_time"}),
    "Employment Type": ("employment_type", {"Full-time": "full_time"}),
    "Experience Level": ("seniority", {}),
}
"""The fields of the recorded boards that say a column, and what their values mean there."""


def said_by_fields(job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in job.get("metadata") or ():
        column, meanings = FIELDS.get(each["name"], ("", {}))
        if column and each["value"]:
            yield column, meanings.get(each["value"], each["value"])


TYPES = {"fulltime": "full_time", "parttime": "part_time", "intern": "internship", "contract": "contract",
         "temporary": "temporary", "fixedterm": "temporary", "internship": "internship",
         "apprenticeship": "internship", "fulltimeemployee": "full_time"}  # fmt: skip
MODELS = {"hybrid": "hybrid", "remote": "remote", "onsite": "onsite"}


def letters(text: str | None) -> str:
    return "".join(filter(str.isalpha, text or "")).lower()


def of_other_systems() -> Iterator[Labelled]:
    """Their posts without the fields that Greenhouse lacks, labelled with what stood in those.

    That a job is full-time is not expected of its title.
    """
    for path in sorted(RECORDED.glob("ashby/*/*.json")):
        for job in json.loads(path.read_bytes())["jobs"]:
            yield of_title(job["title"], job["location"], job["descriptionHtml"], job["employmentType"], job)
    for path in sorted(RECORDED.glob("lever/*/*.json")):
        postings = json.loads(path.read_bytes())
        for job in postings if isinstance(postings, list) else ():
            categories, text = job["categories"], f"{job.get('description')}{job.get('additional')}"
            yield of_title(job["text"], categories.get("location"), text, categories.get("commitment"), job)


def of_title(title: str, place: str | None, content: str, kind: str | None, job: dict[str, Any]) -> Labelled:
    post = JobPost(id=1, title=title, content=escape(content), location=Location(place))
    employment, model = TYPES.get(letters(kind)), MODELS.get(letters(job.get("workplaceType")))
    labels = {"employment_type": None if employment == "full_time" else employment}
    return Labelled(post, labels | ({"workplace_type": model} if model else {}))


if "recorded" in ORIGINS:  # a plain clone has none to count, and skips nothing

    def test_recorded_boards_are_prefilled_as_their_fields_say() -> None:
        labelled = []
        for job in every_post("recorded"):
            fields = {"employment_type": None, "seniority": None, "salary": None} | dict(said_by_fields(job))
            names = [" ".join(each["name"].split()) for each in job["departments"]]
            departments = {"department": names[0]} if len(names) == 1 and names != ["No Department"] else {}
            place = (job["location"] or {}).get("name") or ""
            models = (
                {"workplace_type": "remote"} if place.lower().startswith(("remote", "home based")) else {}
            )
            post = msgspec.convert(job | {"metadata": job.get("metadata") or ()}, JobPost)
            labelled.append(Labelled(post, fields | departments | models))
        counts, wrong = measured("recorded Greenhouse boards, by their fields", labelled)
        assert sum(count["right"] for count in counts.values()) > len(labelled)
        assert len(wrong) < len(labelled) / 50, wrong

    def test_titles_places_and_tags_say_what_other_systems_have_fields_for() -> None:
        labelled = list(of_other_systems())
        counts, wrong = measured("boards of other systems, by title, place, tags", labelled)
        assert counts["employment_type"]["right"]
        assert counts["workplace_type"]["right"]
        assert sum(count["wrong"] for count in counts.values()) < len(labelled) / 50, wrong
