"""The other posts of one job, as the panel and the public page name them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from portal.models import Job
from portal.store.siblings import siblings_of
from portal.web.jobs.rows import Place, state_of


@dataclass(frozen=True, slots=True)
class Post:
    """Another post of the job whose panel is open; ``about`` is its place, and its state unless open."""

    id: int
    title: str
    about: str


def other_posts(job: Job, place: Place) -> list[Post]:
    """Return the other posts of a job, whatever their states."""
    return [Post(post.id, post.title, _about(post, place)) for post in siblings_of(job)]


def _about(post: Job, place: Place) -> str:
    state = state_of(post, place)
    return " · ".join(filter(None, (post.location, state.label if state.label != "Open" else "")))


def also_in(job: Job, posts: Sequence[Job]) -> list[tuple[int, str]]:
    """Return id and place of each of a job's public posts, with its title where the place says too little."""
    places = Counter(post.location for post in (job, *posts))
    return [
        (post.id, post.location if post.location and places[post.location] == 1 else _whole(post))
        for post in posts
    ]


def _whole(post: Job) -> str:
    return f"{post.title} ({post.location})" if post.location else post.title
