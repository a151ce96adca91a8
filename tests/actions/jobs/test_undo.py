"""Edits and bulk edits taken back, on both databases."""

from portal.actions.jobs.undo import Left, undo_edit
from portal.db import write
from portal.models import Job
from portal.store.edits import version_of
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.derived_columns import wrong_columns
from tests.support.office import Office


@on_sqlite
def test_one_undo_gives_all_of_it_back(office: Office, three: list[int]) -> None:
    before = office.stored("location")
    done = office.bulk(three, "location", "Lisbon")
    undone = office.undo(done.edit_id)
    assert (undone.restored, undone.left) == (2, {})
    assert office.stored("location") == before
    assert version_of(three[0], "location") == 2
    assert wrong_columns() == []
    again = office.undo(undone.edit_id)
    assert again.restored == 2
    assert set(office.stored("location").values()) == {"Lisbon"}


@on_sqlite
def test_an_undo_leaves_what_was_edited_since(office: Office, three: list[int]) -> None:
    done = office.bulk(three, "location", "Lisbon")
    office.edit(three[2], "location", "Faro")
    office.edit(three[0], "department", "Yard")
    undone = office.undo(done.edit_id)
    assert (undone.restored, undone.left, undone.already) == (1, {Left.EDITED: 1}, False)
    assert office.stored("location") == {"Welder": "Porto", "Rigger": "Lisbon", "Diver": "Faro"}


def test_a_second_undo_of_the_same_changes_nothing(office: Office, three: list[int]) -> None:
    done = office.bulk(three, "location", "Lisbon")
    office.undo(done.edit_id)
    edits, revision = len(office.edits()), office.stored("revision")
    twice = office.undo(done.edit_id)
    assert (twice.restored, twice.left, twice.already) == (0, {Left.EDITED: 2}, True)
    assert len(office.edits()) == edits
    assert office.stored("revision") == revision


@on_sqlite
def test_undos_go_back_step_by_step(office: Office, three: list[int]) -> None:
    steps = [office.edit(three[0], "location", place) for place in ("Faro", "Braga", "")]
    for edit, expected in zip(reversed(steps), ("Braga", "Faro", "Porto"), strict=True):
        office.undo(edit)
        assert office.stored("location")["Welder"] == expected


@on_sqlite
def test_a_stranger_undoes_nothing(office: Office, three: list[int], cast: Cast) -> None:
    done = office.bulk(three, "location", "Lisbon")
    assert done.edit_id is not None
    assert undo_edit(cast.cafe.id, done.edit_id, cast.otto.id) is None
    assert office.stored("location")["Welder"] == "Lisbon"


@on_sqlite
def test_an_undo_of_an_undo_is_known_as_one_however_often(office: Office, three: list[int]) -> None:
    edit: int | None = office.edit(three[0], "location", "Braga")
    again = []
    for _ in range(4):
        undone = office.undo(edit)
        again.append(undone.again)
        edit = undone.edit_id
    assert again == [False, True, False, True]


def test_an_undo_passes_over_what_is_greenhouses_by_now(office: Office, three: list[int]) -> None:
    edit = office.edit(three[0], "title", "Boat builder")
    with write() as writing:
        writing.get_one(Job, three[0]).source = "greenhouse"
    undone = office.undo(edit)
    assert (undone.restored, undone.left) == (0, {Left.GREENHOUSES: 1})
    assert "Boat builder" in office.stored("title")
