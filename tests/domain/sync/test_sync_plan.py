"""Comparing what is stored with what is listed."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.sync.plan import StoredPost, plan_sync
from portal.domain.sync.posts import JobPost, ListedPost

ids = st.integers(1, 30)
prints = st.sampled_from(["a", "b"])
boards = st.dictionaries(ids, prints)
stores = st.dictionaries(ids, st.tuples(st.none() | prints, st.booleans(), st.booleans()))


def listed(board: dict[int, str]) -> dict[int, ListedPost]:
    return {key: ListedPost(JobPost(id=key, title="t", content=""), value) for key, value in board.items()}


def stored(rows: dict[int, tuple[str | None, bool, bool]]) -> dict[int, StoredPost]:
    return {key: StoredPost(key + 100, *values) for key, values in rows.items()}


@given(stores, boards, st.sets(ids))
def test_every_listed_post_has_one_place_in_the_plan(rows, board, aside):
    plan = plan_sync(stored(rows), listed(board), aside)
    placed = [*plan.created, *plan.updated, *plan.reopened]
    assert len(placed) == len(set(placed))
    assert len(placed) + plan.unchanged == len(board)
    assert set(placed) <= set(board)


@given(stores, boards, st.sets(ids))
def test_only_an_imported_open_post_that_is_not_listed_closes(rows, board, aside):
    plan = plan_sync(stored(rows), listed(board), aside)
    expected = {
        key
        for key, (_, open_, imported) in rows.items()
        if open_ and imported and key not in board and key not in aside
    }
    assert set(plan.closed) == expected


@given(boards)
def test_the_same_answer_again_changes_nothing(board):
    rows = {key: (value, True, True) for key, value in board.items()}
    plan = plan_sync(stored(rows), listed(board))
    assert plan.changes == 0
    assert plan.unchanged == len(board)


@given(stores, boards)
def test_the_order_of_an_answer_changes_nothing(rows, board):
    there = plan_sync(stored(rows), listed(board))
    back = plan_sync(stored(rows), dict(reversed(listed(board).items())))
    for one, other in (
        (there.created, back.created),
        (there.updated, back.updated),
        (there.closed, back.closed),
    ):
        assert set(one) == set(other)


def test_a_kept_job_of_an_ended_connection_is_taken_up_again_but_never_closed():
    rows = {1: (None, True, False), 2: (None, True, False)}
    plan = plan_sync(stored(rows), listed({1: "a"}))
    assert plan.updated == (1,)
    assert plan.closed == ()
