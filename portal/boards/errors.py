"""The errors of Greenhouse, each as one or two sentences fit to show to an admin."""

from typing import ClassVar

from portal.domain.sync.health import FailureKind


class GreenhouseError(Exception):
    """Greenhouse could not be read. ``str(error)`` is always fit to show to an admin.

    It does not say when to try again: a sync says when it does. Who asked in person is shown ``with_advice``.

    ``kind`` names the class in records, ``retryable`` says that asking again soon may help, and
    ``retry_after`` is how many seconds Greenhouse asked to wait, where it did. ``may_have_arrived`` says that
    the connection stood, so that the request may have been carried out.
    """

    kind: ClassVar[FailureKind]
    retryable: ClassVar[bool] = False
    advice: ClassVar[str] = ""

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.may_have_arrived = False

    @property
    def with_advice(self) -> str:
        """What is wrong, and what to do about it where that is only to wait."""
        return f"{self} {self.advice}".rstrip()


class BoardNotFound(GreenhouseError):
    """No board goes by this token."""

    kind = FailureKind.BOARD_NOT_FOUND


class BoardUnavailable(GreenhouseError):
    """Greenhouse is busy, slow or out of reach, or its answer broke off: ask again later."""

    kind = FailureKind.UNAVAILABLE
    retryable = True
    advice = "Try again in a few minutes."


class BoardRefused(GreenhouseError):
    """Greenhouse keeps the board from us (401, 403), though reading a board needs no key."""

    kind = FailureKind.REFUSED


class MalformedBoard(GreenhouseError):
    """The answer is not what a job board answers: often a page of maintenance, which passes."""

    kind = FailureKind.MALFORMED
    retryable = True
    advice = "Try again later."


class BoardTooLarge(MalformedBoard):
    """The answer goes on beyond what the portal takes in."""

    kind = FailureKind.TOO_LARGE
    retryable = False
    advice = ""


class IncompleteBoard(GreenhouseError):
    """An id cannot be read or stands twice, or the count is wrong: nothing of it may be used."""

    kind = FailureKind.INCOMPLETE
    retryable = True
    advice = "Try again later."


class PostClosed(GreenhouseError):
    """The board does not list the post (any more)."""

    kind = FailureKind.BOARD_NOT_FOUND


class KeyRefused(GreenhouseError):
    """Greenhouse refused the API key that an application was sent with."""

    kind = FailureKind.REFUSED


class ApplicationRefused(GreenhouseError):
    """Greenhouse did not take an application. ``said`` are its own words, which may repeat answers."""

    kind = FailureKind.REFUSED

    def __init__(self, sentence: str, said: str = "") -> None:
        super().__init__(sentence)
        self.said = said


class AnswerUnclear(GreenhouseError):
    """Greenhouse answered an application in a way that does not tell whether it was taken."""

    kind = FailureKind.MALFORMED
