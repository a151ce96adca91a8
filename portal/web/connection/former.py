"""What connecting does to the jobs of boards that were connected before, said before and after."""

from collections.abc import Sequence

from portal.actions.connect import Board
from portal.store.imported_jobs import FormerBoard
from portal.web.templating import count


def foretold(board: FormerBoard) -> str:
    """Say what becomes of a former board's jobs if it, or another one, is connected."""
    said, them = f"Connecting “{board.token}” again ", "it" if board.open == 1 else "them"
    if not board.open:
        closed = count(board.closed, "closed job", "closed jobs")
        said += f"reopens those of its {closed} that it lists, with all your edits."
        return f"{said} Another board’s jobs come beside them, and these stay closed."
    reopened = " Closed ones that it lists reopen." if board.closed else ""
    stays = "stays as it is" if board.open == 1 else "stay as they are"
    return (
        f"{said}takes up its {count(board.open, 'job', 'jobs')} with all your edits; title and description "
        f"become Greenhouse’s again.{reopened} Another board’s jobs come beside {them}, and "
        f"{'this one' if board.open == 1 else f'these {board.open:,}'} {stays}."
    )


def happened(board: Board, token: str, former: Sequence[FormerBoard]) -> str:
    """Say what connecting did, to this board's jobs and to those of others."""
    this = next((each for each in former if each.token == token), None)
    first = f"Connected to {board.name}. {_coming(board.jobs)}" if this is None else _again(board, this)
    return " ".join([first, *(_beside(each) for each in former if each.token != token)])


def _again(board: Board, this: FormerBoard) -> str:
    again = f"Connected to {board.name} again:"
    if not this.open:
        return f"{again} its closed jobs reopen with all your edits where it lists them."
    return (
        f"{again} {count(this.open, 'job is', 'jobs are')} taken up with all your edits. "
        "Title and description are Greenhouse’s again."
    )


def _beside(other: FormerBoard) -> str:
    if not other.open:
        return f"The closed jobs of “{other.token}” stay closed."
    if other.open == 1:
        return f"The job of “{other.token}” stays your own."
    return f"The {other.open:,} jobs of “{other.token}” stay your own."


def _coming(jobs: int) -> str:
    if not jobs:
        return "It lists no jobs yet; they come as they are published."
    return f"{count(jobs, 'job is', 'jobs are')} coming."
