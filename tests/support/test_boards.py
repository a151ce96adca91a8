"""The made-up boards change in every way that real ones do, so that a test that replays them meets it."""

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

from portal.config import REPOSITORY
from tests.support.board_shapes import ODD_SHAPES, Post
from tests.support.boards import bodies, series_names, states

MADE_UP = [name for name in series_names() if name.startswith("made-up")]


def kinds_of_change(series: list[list[Post]]) -> Iterator[str]:
    """Name what happens between the answers of one board, each kind as often as it happens."""
    gone: dict[int, Post] = {}
    for before, after in pairwise(series):
        old, new = ({post["id"]: post for post in posts} for posts in (before, after))
        if old == new and before != after:
            yield "only the order changes"
        for post_id in old.keys() & new.keys():
            yield from _edits(old[post_id], new[post_id])
        if old and all(_changed(old[key], new.get(key, {})) == {"content"} for key in old):
            yield "every description changes and updated_at stays"
        gone |= {key: post for key, post in old.items() if key not in new}
        jobs_gone = {post["internal_job_id"] for post in gone.values()}
        for post_id in new.keys() - old.keys():
            is_known = new[post_id]["internal_job_id"] in jobs_gone
            yield "a post returns" if post_id in gone else "a job returns" if is_known else "a post is new"
        if old.keys() - new.keys():
            yield "posts close" if new else "the board becomes empty"


def _changed(old: Post, new: Post) -> set[str]:
    return {name for name in old.keys() | new.keys() if old.get(name, ...) != new.get(name, ...)}


def _edits(old: Post, new: Post) -> Iterator[str]:
    changed = _changed(old, new)
    yield from (f"{name} is edited" for name in changed - {"updated_at"} if "updated_at" in changed)
    if changed == {"updated_at"}:
        yield "only updated_at moves"


def test_the_made_up_series_hold_every_kind_of_change() -> None:
    found = {kind for name in MADE_UP for kind in kinds_of_change(states(name))}
    assert found >= {
        "only the order changes",
        "only updated_at moves",
        "every description changes and updated_at stays",
        "posts close",
        "the board becomes empty",
        "a post returns",
        "a job returns",
        "a post is new",
    }
    imported = {
        *("title", "content", "internal_job_id", "absolute_url", "location", "departments", "offices")
    }
    imported |= {"metadata", "pay_input_ranges", "language", "application_deadline"}
    assert found >= {f"{name} is edited" for name in imported}


def test_each_odd_shape_has_a_post_in_each_answer() -> None:
    assert [len(posts) for posts in states("made-up odd shapes")] == [len(ODD_SHAPES)] * 2
    [place] = ODD_SHAPES["a place of 159 characters"].values()
    assert len(place["name"]) == 159
    sent = [post for posts in states("made-up odd shapes") for post in posts]
    assert sum(len(post["content"]) > 12_000 for post in sent) == 2
    assert sum("location" not in post for post in sent) == 2


def test_the_made_up_boards_are_the_same_in_every_process() -> None:
    program = "from tests.support.test_boards import digest; print(digest())"
    command = [sys.executable, "-c", program]
    other = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest()


def digest() -> str:
    """Return a hash of every byte of the made-up series."""
    return sha256(b"".join(body for name in MADE_UP for body in bodies(name))).hexdigest()
