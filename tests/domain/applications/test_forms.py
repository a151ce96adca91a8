"""What of a form is not as somebody saw it, and the ways of an application."""

from dataclasses import replace

from portal.domain.applications.forms import (
    ApplicationForm,
    Field,
    FieldKind,
    Question,
    changes_since,
    renamed_fields,
    seen_form,
    unasked,
)
from portal.domain.applications.states import (
    LONGEST_PAUSE,
    TRANSITIONS,
    UNDELIVERED,
    ApplicationStatus,
    pause_after,
    sources_of,
)

NAME = Question("First Name", True, (Field("first_name", FieldKind.LINE),))
WHY = Question("Why us?", False, (Field("question_1", FieldKind.TEXT),))
WHEN = Question("When?", False, (Field("question_2", FieldKind.TEXT),))
FORM = ApplicationForm((NAME, WHY))


def test_a_form_that_did_not_change_says_nothing() -> None:
    assert changes_since(seen_form(FORM), ApplicationForm((WHY, NAME))) == []


def test_what_is_new_changed_or_gone_is_named() -> None:
    now = ApplicationForm((replace(NAME, required=False), WHEN))
    assert changes_since(seen_form(FORM), now) == [
        "New: “When?”.",
        "Changed: “First Name”.",
        "No longer asked: “Why us?”.",
    ]


def test_an_answer_follows_its_question_to_a_new_name() -> None:
    edited = ApplicationForm((NAME, replace(WHY, fields=(Field("question_9", FieldKind.TEXT),))))
    assert renamed_fields(seen_form(FORM), edited) == {"question_1": "question_9"}


def test_of_answers_only_those_to_a_posts_own_questions_can_be_unasked() -> None:
    assert unasked(["first_name", "question_1", "question_2", "phone", "mapped_url_token"], FORM) == {
        "question_2"
    }


def test_nonsense_in_the_place_of_what_was_seen_says_nothing() -> None:
    for seen in ("", "[", "[]", "{}", '{"a": 1}', '{"a": ["b"]}', "[" * 100_000, "9" * 5_000):
        assert changes_since(seen, FORM) == []
        assert renamed_fields(seen, FORM) == {}


def test_what_may_have_arrived_becomes_queued_only_by_a_decision_and_delivered_is_the_end() -> None:
    assert TRANSITIONS[ApplicationStatus.DELIVERED] == frozenset()
    assert set(sources_of(ApplicationStatus.SENDING)) == {ApplicationStatus.QUEUED}
    assert all(TRANSITIONS[each] for each in UNDELIVERED)


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [pause_after(attempt, None) for attempt in range(1, 6)]
    assert pauses == sorted(pauses)
    assert pause_after(1, 1e9) == LONGEST_PAUSE
    assert pause_after(1, 120.0).total_seconds() == 120
