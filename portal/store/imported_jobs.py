"""The jobs that Greenhouse holds."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from portal.extensions import session
from portal.models import Job, Source


def count_imported(organisation_id: int, board_token: str) -> int:
    """Return how many jobs of a board are Greenhouse's, open or closed."""
    query = select(func.count(Job.id)).where(_of_board(organisation_id, board_token))
    return session().scalar(query) or 0


def count_open(organisation_id: int, board_token: str) -> int:
    """Return how many jobs of a board are Greenhouse's and open."""
    query = select(func.count(Job.id)).where(_of_board(organisation_id, board_token), Job.listed)
    return session().scalar(query) or 0


@dataclass(frozen=True, slots=True)
class FormerBoard:
    """A board that was connected once: how many of its jobs here are open, and how many are closed."""

    token: str
    open: int
    closed: int


def former_boards(organisation_id: int) -> list[FormerBoard]:
    """Return the boards that jobs of an organisation without a connection came from, the largest first."""
    query = (
        select(Job.board_token, func.count().filter(Job.listed), func.count().filter(~Job.listed))
        .where(
            Job.organisation_id == organisation_id,
            Job.board_token.is_not(None),
            Job.external_id.is_not(None),
            Job.merged_into_id.is_(None),
            Job.deleted_at.is_(None),
        )
        .group_by(Job.board_token)
    )
    boards = [FormerBoard(row[0] or "", row[1], row[2]) for row in session().execute(query)]
    return sorted(boards, key=lambda board: (-board.open - board.closed, board.token))


def jobs_of_posts(organisation_id: int, board_token: str, post_ids: Collection[int]) -> dict[int, int]:
    """Return the job of each of these posts that has one."""
    query = select(Job.external_id, Job.id).where(
        _of_board(organisation_id, board_token), Job.external_id.in_(post_ids)
    )
    return {row[0]: row[1] for row in session().execute(query) if row[0] is not None}


def _of_board(organisation_id: int, board_token: str) -> ColumnElement[bool]:
    return and_(
        Job.organisation_id == organisation_id,
        Job.board_token == board_token,
        Job.source == Source.GREENHOUSE,
    )
