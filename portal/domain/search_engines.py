"""Search engines that can be told of a page, and what their answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Engine(StrEnum):
    """A search engine that is notified when the page of a job appears or is gone."""

    INDEXNOW = "indexnow"
    GOOGLE = "google"

    @property
    def label(self) -> str:
        """Its name, as people know it."""
        return "Google" if self is Engine.GOOGLE else "IndexNow"


class Outcome(StrEnum):
    """What an answer means for what was told."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search engine said, in words for admins; ``retry_after`` is in seconds."""

    outcome: Outcome
    words: str
    retry_after: float = 0.0


_MEANINGS: Final[Mapping[Engine, Mapping[int, str]]] = MappingProxyType(
    {
        Engine.INDEXNOW: {
            200: "taken",
            202: "taken; the key is still being checked",
            400: "refused: the request was not understood",
            403: "refused: the key is not found at its address",
            422: "refused: the key does not belong to this host",
            429: "too many requests",
        },
        Engine.GOOGLE: {
            200: "taken",
            400: "refused: the request was not understood",
            401: "refused: the service account's key is not valid",
            403: "refused: the service account is no owner of this site in Search Console, "
            "or the Indexing API is switched off",
            429: "the quota of today is used up",
        },
    }
)


def answer_of(engine: Engine, status: int, retry_after: float = 0.0) -> Answer:
    """Return what an HTTP status means: busy ones are worth another attempt, refusals are not."""
    words = _MEANINGS[engine].get(status, f"answered with status {status}")
    if status in (200, 202):
        return Answer(Outcome.TAKEN, words)
    if status in (408, 425, 429) or status >= 500:
        return Answer(Outcome.LATER, words, retry_after)
    return Answer(Outcome.REFUSED, words)
