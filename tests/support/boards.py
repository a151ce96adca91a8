"""Greenhouse boards to replay: made-up ones everywhere, recorded ones where they lie beside the repository.

A *series* is what one board answered over time, oldest first. Every company, job and text of the made-up
ones is invented; their shapes are those of real answers. They are the same bytes in every process.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from html import escape
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import Any

from tests.support import board_shapes as shapes
from tests.support.board_shapes import Post, custom, pay

_REPOSITORY = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file())
RECORDED = _REPOSITORY.parent / "shared" / "boards"

ORIGINS = ("made-up", "recorded") if RECORDED.is_dir() else ("made-up",)
"""Where boards come from: the parameters of a test that wants all posts of one origin together."""


def series_names() -> list[str]:
    """Return the name of every series, its origin first: the parameters of a test that replays one."""
    return [f"{origin} {name}" for origin in ORIGINS for name in _SERIES[origin]]


def bodies(series: str) -> list[bytes]:
    """Return the answers to ``GET /jobs?content=true`` of one series, byte for byte."""
    origin, _, name = series.partition(" ")
    return _SERIES[origin][name]()


def states(series: str) -> list[list[Post]]:
    """Return the posts of each answer of one series, in the order in which they were listed."""
    return [json.loads(body)["jobs"] for body in bodies(series)]


def every_post(origin: str) -> tuple[Post, ...]:
    """Return every post of every answer of one origin, each of its states once."""
    listed = chain.from_iterable(chain.from_iterable(states(f"{origin} {name}") for name in _SERIES[origin]))
    return tuple({json.dumps(post, sort_keys=True): post for post in listed}.values())


def single_answer(origin: str, kind: str) -> bytes:
    """Return one answer other than a list of jobs; ``kind`` is a key of ``_RECORDED_ANSWERS``."""
    if origin == "recorded":
        return (RECORDED / _RECORDED_ANSWERS[kind]).read_bytes()
    return _made_up_answers()[kind]


class _Board:
    """A made-up board that changes; ``record`` adds its present answer to ``bodies``.

    Listed posts are numbered from 0, the one listed longest first.
    """

    def __init__(self, company: str, host: str, first_id: int, fields: Post) -> None:
        self.host, self.first_id, self.fields = host, first_id, fields
        self.random = Random(company)
        self.now = datetime(2024, 3, 4, 9, 30, 15, tzinfo=timezone(timedelta(hours=-4)))
        self.numbers = count()
        self.posts: dict[int, Post] = {}
        self.closed: dict[int, Post] = {}
        self.intro = ""
        self.bodies: list[bytes] = []

    def open(self, times: int = 1, **fields: Any) -> None:
        """List so many more posts, each for a job of its own; ``fields`` replace or add."""
        for _ in range(times):
            number, pick = next(self.numbers), self.random
            post_id = self.first_id + 10 * number
            self.posts[post_id] = {
                "absolute_url": f"https://{self.host}/jobs/{post_id}",
                "internal_job_id": self.first_id * 2 + number,
                "location": {"name": pick.choice(shapes.PLACES)},
                "id": post_id,
                "updated_at": self.moment(),
                "requisition_id": f"R-{number + 101}",
                "title": pick.choice(shapes.GRADES) + pick.choice(shapes.ROLES),
                "html": self.description(number),
                "departments": [shapes.department(pick.choice(shapes.DEPARTMENTS), number)],
                "offices": [pick.choice(shapes.OFFICES)],
                **self.fields,
                **fields,
            }

    def edit(self, *numbers: int, **fields: Any) -> None:
        """Change fields of posts, and move their ``updated_at``."""
        for post_id in self._ids(self.posts, numbers):
            self.posts[post_id] = self.posts[post_id] | {"updated_at": self.moment()} | fields

    def close(self, *numbers: int) -> None:
        """Take posts off the board."""
        for post_id in self._ids(self.posts, numbers):
            self.closed[post_id] = self.posts.pop(post_id)

    def reopen(self, *numbers: int) -> None:
        """List closed posts again, under their old ids and otherwise as they were."""
        for post_id in self._ids(self.closed, numbers):
            self.posts[post_id] = self.closed.pop(post_id)

    def reopen_under_a_new_id(self, number: int) -> None:
        """List the job of a closed post again, in a new post."""
        [old_id] = self._ids(self.closed, (number,))
        new_id = self.first_id + 10 * next(self.numbers)
        moved = {"id": new_id, "absolute_url": f"https://{self.host}/jobs/{new_id}"}
        self.posts[new_id] = self.closed[old_id] | moved

    def record(self) -> None:
        """Answer with the present posts, in yet another order; nothing else changes by itself."""
        listed = [_spelled(post, self.intro) for post in self.posts.values()]
        self.random.shuffle(listed)
        self.bodies.append(_body({"jobs": listed, "meta": {"total": len(listed)}}))
        self.now += timedelta(hours=17)

    def moment(self) -> str:
        """Return the present time, later at every call."""
        self.now += timedelta(minutes=11)
        return self.now.isoformat()

    def description(self, layout: int) -> str:
        """Return unescaped HTML with sentences of its own."""
        return shapes.LAYOUTS[layout % len(shapes.LAYOUTS)].format(*(self._sentence() for _ in range(5)))

    def _sentence(self) -> str:
        parts = (shapes.OPENINGS, shapes.VERBS, shapes.THINGS, shapes.ENDINGS)
        return " ".join(self.random.choice(part) for part in parts) + "."

    @staticmethod
    def _ids(posts: dict[int, Post], numbers: tuple[int, ...]) -> list[int]:
        ids = list(posts)
        return [ids[number] for number in numbers]


def _spelled(post: Post, intro: str) -> Post:
    """A post as it is sent: behind the introduction, its entities escaped once, absent fields left out."""
    before = f'<div class="content-intro">{intro}</div>' if intro else ""
    sent = post | {"content": escape(before + post["html"]).replace("&#x27;", "&#39;"), "html": shapes.ABSENT}
    return {key: value for key, value in sent.items() if value is not shapes.ABSENT}


def _body(answer: dict[str, Any]) -> bytes:
    """As Greenhouse writes JSON: compact, with angle brackets and ampersands as escapes."""
    text = json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()


@cache
def _edits() -> list[bytes]:
    """A ferry company: orders that change alone, edits of each field, ``updated_at`` that moves alone."""
    fields = shapes.NEW_FIELDS | {"company_name": "Tidemark Ferries"}
    board = _Board("Tidemark Ferries", "job-boards.example/tidemark", 7_100_001, fields)
    board.open(12)
    board.record()
    board.record()
    board.edit(0, title="  Chief Purser\u00a0(Night  Crossings) ")
    board.edit(1, location={"name": "Saltcombe; Greywick or Remote"})
    board.edit(2, html=board.description(0))
    board.edit(3, departments=[], offices=[])
    board.edit(4, metadata=None, absolute_url="https://tidemark.example/careers?gh_jid=7100041")
    board.edit(5, internal_job_id=board.first_id * 2 + 6, language="de")
    board.record()
    board.edit(*range(6, 12))
    board.record()
    board.edit(0, title="Chief Purser", application_deadline="2024-06-30")
    board.edit(4, metadata=[custom("Employment type", "single_select", "Part-time")])
    board.edit(6, pay_input_ranges=[pay(3_100_000, 3_900_000, "GBP")])
    board.record()
    return board.bodies


@cache
def _introductions() -> list[bytes]:
    """An instrument maker that rewrites the introduction of all its posts, and ``updated_at`` stays."""
    fields = shapes.NEW_FIELDS | {"company_name": "Fennel & Rook Instruments"}
    board = _Board("Fennel & Rook Instruments", "job-boards.example/fennelrook", 6_400_003, fields)
    board.open(10)
    board.open(2, internal_job_id=None, title="Instrument maker")
    for intro in (
        "<p>Fennel &amp; Rook has built oboes since 1911.</p>",
        "<p>Fennel &amp; Rook has built oboes and bassoons since 1911.</p><p>&nbsp;</p>",
        "<h2><strong>Who we are</strong></h2><p>Forty makers,&nbsp;one workshop &amp; a choir.</p>",
        "",
    ):
        board.intro = intro
        board.record()
    return board.bodies


@cache
def _closures() -> list[bytes]:
    """An archive on an EU board: posts close and come back, under the old and under a new id."""
    board = _Board(
        "Quillstone Archives", "job-boards.eu.example/quillstone", 4_900_000_101, shapes.OLD_FIELDS
    )
    board.open(14)
    board.record()
    board.close(0, 3, 5, 8)
    board.record()
    board.reopen(0)
    board.reopen_under_a_new_id(1)
    board.open()
    board.record()
    board.reopen(1)  # beside the new post of the same job
    board.close(*range(9))
    board.record()
    board.close(*range(len(board.posts)))
    board.record()
    board.reopen(*range(12))
    board.edit(2, title="Keeper of Returned Maps")
    board.record()
    return board.bodies


@cache
def _odd_shapes() -> list[bytes]:
    """A lantern maker with one post for each odd shape; then each post takes on the shape of the next."""
    board = _Board("Odd Lantern Works", "job-boards.example/oddlantern", 5_200_009, shapes.OLD_FIELDS)
    odd = list(shapes.ODD_SHAPES.values())
    board.open(len(odd))
    plain = dict(board.posts)
    for turned in (odd, odd[1:] + odd[:1]):
        board.posts = dict(plain)
        for number, fields in enumerate(turned):
            board.edit(number, **fields)
        board.record()
    return board.bodies


def _question(label: str, name: str, kind: str, *options: str) -> dict[str, Any]:
    values = [{"label": option, "value": number} for number, option in enumerate(options)]
    fields = [{"name": name, "type": kind, "values": values}]
    return {"description": None, "label": label, "required": not options, "fields": fields}


@cache
def _made_up_answers() -> dict[str, bytes]:
    """The single answers; the errors and the empty board are those of the interface itself."""
    post = json.loads(_introductions()[0])["jobs"][0]
    form = {
        "questions": [
            _question("First Name", "first_name", "input_text"),
            _question("Which reed?", "question_1", "multi_value_single_select", "Oboe", "Bassoon"),
        ],
        "location_questions": [],
        "compliance": None,
        "demographic_questions": None,
    }
    return {
        "job": _body(post),
        "job with questions": _body(post | form),
        "board-unknown.404": b'{"error":"Job board not found"}',
        "jobs-unknown-board.404": b'{"status":404,"error":"Job not found"}',
        "job-unknown-id.404": b'{"error":"Job not found"}',
        "jobs-empty-board.200": b'{"jobs":[],"meta":{"total":0}}',
    }


_RECORDED_ANSWERS = {
    "job": "greenhouse/job-7454336.json",
    "job with questions": "canonical/job-4754075-questions.json",
    "board-unknown.404": "responses/board-unknown.404.json",
    "jobs-unknown-board.404": "responses/jobs-unknown-board.404.json",
    "job-unknown-id.404": "responses/job-unknown-id.404.json",
    "jobs-empty-board.200": "responses/jobs-empty-board.200.json",
}


def _recorded(board: str) -> Callable[[], list[bytes]]:
    def read() -> list[bytes]:
        found = (path.read_bytes() for path in sorted((RECORDED / board).glob("*.json")))
        return [body for body in found if "jobs" in json.loads(body)]

    return read


_SERIES: dict[str, dict[str, Callable[[], list[bytes]]]] = {
    "made-up": {
        "edits": _edits,
        "introductions": _introductions,
        "closures": _closures,
        "odd shapes": _odd_shapes,
    },
    "recorded": {
        name: _recorded(name) for name in ("canonical", "takealotgroup", "bashdotcom", "greenhouse")
    },
}
