"""Accept, decline and part pairs of an own job and an imported one."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.sync.mapping import mapping_to_follow
from portal.domain.audit import Action
from portal.domain.jobs.fields import FIELDS, Visibility
from portal.domain.jobs.pairs import PairStatus
from portal.domain.jobs.values import Field, as_json, from_json
from portal.domain.sync.following import is_following, restored_values, with_following
from portal.domain.zones import date_in
from portal.models import Job, JobPair, Organisation
from portal.store.edits import last_edits, record_edit
from portal.store.job_columns import set_columns
from portal.store.pairs import (
    accepted_pair,
    offered_pairs,
    offers_of,
    returned_pairs,
    settle,
    unambiguous_pairs,
)

ListVersion = tuple[int, int]
"""What tells one state of a waiting list from another: how many wait, and the id of the latest."""


class ListChanged(Exception):
    """What waits now is not what the person saw; nothing was decided."""


def expect(seen: ListVersion | None, now: ListVersion) -> None:
    """Raise ``ListChanged`` where something waits, and it is not what somebody says that they have seen."""
    if seen is not None and now[0] and seen != now:
        raise ListChanged


def accept_pairs(
    organisation_id: int, user_id: int | None, pair_ids: Collection[int] = (), seen: ListVersion | None = None
) -> int:
    """Make one job of each of these pairs (or all that leave no choice); return how many.

    The imported job takes over what the own one has in the organisation's columns, as edits; the own
    one leaves every list, and its address leads to the other. A closing date that is over is not taken over,
    nor that an own job is *new*: either would take the imported one off the page. A job is in one pair only:
    of several given the first counts. Raises ``ListChanged`` where others wait than were ``seen``.
    """
    with changing(organisation_id) as change:
        expect(seen, offers_of(organisation_id).list_version)
        offered = offered_pairs(organisation_id, pair_ids) if pair_ids else unambiguous_pairs(organisation_id)
        pairs = _each_job_once(offered)
        today = date_in(change.session.get_one(Organisation, organisation_id).time_zone, change.now)
        for pair in pairs:
            pair.taken = _take_over(pair.own, pair.imported, today, user_id, change.now, change.revision)
            set_columns(pair.own, {"merged_into_id": pair.imported_job_id}, change.now, change.revision)
            settle(pair, PairStatus.PAIRED, user_id, change.now)
        _note(organisation_id, Action.JOBS_PAIRED, pairs, user_id)
    return len(pairs)


def decline_pairs(
    organisation_id: int, user_id: int | None, pair_ids: Collection[int] = (), seen: ListVersion | None = None
) -> int:
    """Remember that these pairs (or all that are offered) are two jobs each; return how many.

    Raises ``ListChanged`` where others wait than were ``seen``.
    """
    with changing(organisation_id) as change:
        expect(seen, offers_of(organisation_id).list_version)
        pairs = offered_pairs(organisation_id, pair_ids)
        for pair in pairs:
            settle(pair, PairStatus.DECLINED, user_id, change.now)
        if pairs:
            change.raise_revision()
        _note(organisation_id, Action.PAIRS_DECLINED, pairs, user_id)
    return len(pairs)


def part_pair(organisation_id: int, pair_id: int, user_id: int | None) -> Job | None:
    """Take a pair apart and return the own job, as it was; ``None`` when there is no such pair (any more).

    The other job's columns return to what they were before the pairing, unless they were edited since.
    """
    with changing(organisation_id) as change:
        pair = accepted_pair(organisation_id, pair_id)
        if pair is None:
            return None
        _give_back(pair, user_id, change.now, change.revision)
        set_columns(pair.own, {"merged_into_id": None}, change.now, change.revision)
        settle(pair, PairStatus.PARTED, user_id, change.now)
        _note(organisation_id, Action.PAIR_PARTED, [pair], user_id)
    return pair.own


def _note(organisation_id: int, action: Action, pairs: Sequence[JobPair], user_id: int | None) -> None:
    if pairs:
        about = pairs[0].imported.title if len(pairs) == 1 else f"{len(pairs)} pairs of jobs"
        record(organisation_id, action, about, user_id=user_id)


def part_returned(organisation_id: int, board_token: str, now: datetime, revision: int) -> None:
    """Part what was paired while the board was away and is Greenhouse's again: each post has its address.

    Call it in a sync's commit. No column of the organisation changes: the other job keeps what it took.
    """
    for pair in returned_pairs(organisation_id, board_token):
        set_columns(pair.own, {"merged_into_id": None}, now, revision)
        settle(pair, PairStatus.PARTED, None, now)


def _each_job_once(pairs: Sequence[JobPair]) -> list[JobPair]:
    jobs: set[int] = set()
    chosen = []
    for pair in pairs:
        if jobs.isdisjoint((pair.own_job_id, pair.imported_job_id)):
            chosen.append(pair)
            jobs |= {pair.own_job_id, pair.imported_job_id}
    return chosen


def _is_left(name: str, own: Job, today: date) -> bool:
    """Whether a field alone keeps the own job off the page: nobody decided so of the other one."""
    if name == "visibility":
        return own.visibility == Visibility.NEW
    return name == "closes_on" and own.closes_on is not None and own.closes_on < today


def _take_over(
    own: Job, imported: Job, today: date, user_id: int | None, now: datetime, revision: int
) -> dict[str, int]:
    """Copy every field that says something, which no longer follows then; return its version by each."""
    edits = last_edits(imported.id)
    taken: dict[str, int] = {}
    changed: dict[str, Any] = {}
    follows = imported.follows
    for name, field in FIELDS.items():
        before, after = _columns(field, imported), _columns(field, own)
        if is_following(own.follows, name) or _is_left(name, own, today):
            continue  # the first of a closed job: nobody here wrote it
        if (before == after and not is_following(follows, name)) or not field.read(own):
            continue
        follows = with_following(follows, name, False)
        taken[name] = (edits[name].version if name in edits else 0) + 1
        record_edit(imported, name, taken[name], user_id, as_json(before), as_json(after), now)
        changed |= after
    set_columns(imported, changed | {"follows": follows}, now, revision)
    return taken


def _give_back(pair: JobPair, user_id: int | None, now: datetime, revision: int) -> None:
    job, edits = pair.imported, last_edits(pair.imported_job_id)
    changed: dict[str, Any] = {}
    follows, mapping = job.follows, mapping_to_follow(job.organisation_id)
    for name, version in pair.taken.items():
        edit = edits[name]
        if edit.version == version:
            again = edit.followed and job.imported
            said = mapping.complete(job.source_values) if again and mapping else None
            after = restored_values(FIELDS[name], from_json(edit.before), said)
            record_edit(job, name, version + 1, user_id, edit.after, as_json(after), now)
            follows = with_following(follows, name, again)
            changed |= after
    set_columns(job, changed | {"follows": follows}, now, revision)


def _columns(field: Field, job: Job) -> dict[str, Any]:
    return {column: getattr(job, column) for column in field.columns}
