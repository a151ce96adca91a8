"""Application forms as Greenhouse sends them: made up in its shapes, and recorded ones where they are."""

import json
from typing import Any

import pytest

from portal.boards.errors import MalformedBoard
from portal.boards.greenhouse.application_form import parse_choices, parse_form
from portal.domain.applications.forms import FieldKind, Option, Wanted
from tests.support.boards import ORIGINS, RECORDED


def field(name: str, kind: str = "input_text", *values: object) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "values": [{"label": f"option {each}", "value": each} for each in values],
    }


def question(*fields: dict[str, Any], label: str | None = "Question", **more: Any) -> dict[str, Any]:
    return {"label": label, "required": False, "description": None, "fields": list(fields)} | more


FIRST = question(field("first_name"), label="First Name", required=True)


def parsed(*questions: dict[str, Any], **more: Any) -> Any:
    return parse_form(json.dumps({"id": 7, "questions": [FIRST, *questions]} | more).encode(), 7)


def test_every_kind_of_field_is_read_with_its_options_in_their_order() -> None:
    form = parsed(
        question(field("resume", "input_file"), field("resume_text", "textarea")),
        question(field("question_1", "multi_value_single_select", 1, 0)),
        question(field("question_2[]", "multi_value_multi_select", 9_000_000_001, 4)),
    )
    kinds = [[(each.name, each.kind) for each in asked.fields] for asked in form.questions[1:]]
    assert kinds == [
        [("resume", FieldKind.FILE), ("resume_text", FieldKind.TEXT)],
        [("question_1", FieldKind.ONE)],
        [("question_2[]", FieldKind.SEVERAL)],
    ]
    assert [option.value for option in form.questions[2].fields[0].options] == ["1", "0"]
    assert [option.value for option in form.questions[3].fields[0].options] == ["9000000001", "4"]


def test_hidden_fields_are_never_asked_and_the_place_is_one_question() -> None:
    hidden = [question(field(name, "input_hidden"), required=True) for name in ("longitude", "latitude")]
    place = question(field("location"), label="Location", required=True)
    form = parsed(
        question(field("question_1", "input_hidden"), required=True), location_questions=[*hidden, place]
    )
    assert [asked.name for asked in form.every_question()] == ["first_name", "location"]
    assert form.location.required
    assert form.left_out == ()


def test_a_required_question_of_a_kind_that_is_not_known_makes_the_form_unusable() -> None:
    assert parsed(question(field("question_1", "input_drawing"), label="Draw", required=True)).left_out == (
        "Draw",
    )
    assert parsed(question(field("question_1", "input_drawing"))).left_out == ()


def test_labels_and_descriptions_are_cleaned_and_compliance_is_unescaped_once() -> None:
    form = parsed(
        question(
            field("question_1"),
            label="  Where do\nyou live? \n",
            description='<p onclick="x()">See <script>y()</script><a href="https://a.example">this</a></p>',
        ),
        compliance=[
            {
                "type": "eeoc",
                "description": "&lt;p&gt;It&#39;s &lt;b&gt;voluntary&lt;/b&gt;.&lt;/p&gt;",
                "questions": [
                    question(field("veteran_status", "multi_value_single_select", "1"), label="VeteranStatus")
                ],
            }
        ],
    )
    asked = form.questions[1]
    assert asked.label == "Where do you live?"
    assert "<script" not in asked.help_html
    assert "onclick" not in asked.help_html
    assert form.sections[0].html == "<p>It's <b>voluntary</b>.</p>"
    assert form.sections[0].questions[0].label == "Veteran status"


def test_flags_and_consents_become_what_is_asked() -> None:
    gdpr = {"type": "gdpr", "requires_consent": True, "requires_processing_consent": False}
    form = parsed(education="education_required", employment="employment_optional", data_compliance=[gdpr])
    assert (form.education, form.employment) == (Wanted.REQUIRED, Wanted.OPTIONAL)
    assert [each.name for each in form.consents] == ["gdpr_consent_given"]
    newer = gdpr | {
        "requires_processing_consent": True,
        "requires_retention_consent": True,
        "retention_period": 90,
        "demographic_data_consent_applies": True,
    }
    consents = parsed(data_compliance=[newer]).consents
    assert [each.name for each in consents] == [
        "gdpr_processing_consent_given",
        "gdpr_retention_consent_given",
        "gdpr_demographic_data_consent_given",
    ]
    assert "90 days" in consents[1].label


def test_demographic_questions_keep_their_numbers() -> None:
    options = [{"id": 3, "label": "Other", "free_form": True}]
    asked = {
        "id": 90,
        "label": "How?",
        "required": True,
        "type": "multi_value_multi_select",
        "answer_options": options,
    }
    section = parsed(
        demographic_questions={"header": "You", "description": None, "questions": [asked]}
    ).sections[0]
    only = section.questions[0].fields[0]
    assert (section.heading, only.name, only.kind) == ("You", "demographic_90", FieldKind.SEVERAL)
    assert only.options == (Option("3", "Other", True),)


@pytest.mark.parametrize(
    "name", ["csrf_token", "education_school", "form-seen", "a b", "x" * 200, "gdpr_x", ""]
)
def test_a_question_cannot_take_the_name_of_what_the_page_itself_asks(name: str) -> None:
    assert [asked.name for asked in parsed(question(field(name))).questions] == ["first_name"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"id": 7}',
        b'{"id": true, "questions": []}',
        b"[" * 100_000,
        b'{"id": 8}',
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBoard):
        parse_form(body, 7)


def test_the_form_of_another_post_is_refused() -> None:
    with pytest.raises(MalformedBoard):
        parse_form(json.dumps({"id": 8, "questions": [FIRST]}).encode(), 7)


def test_lists_of_schools_are_read() -> None:
    body = b'{"items": [{"id": 5, "text": " MIT "}, {"id": 6, "text": ""}], "meta": {"total_count": 2}}'
    assert parse_choices(body) == [Option("5", "MIT")]


SURVEY = {
    "type": "eeoc",
    "description": "&lt;h3&gt;Voluntary &amp;amp; private&lt;/h3&gt;&lt;p&gt;Answer or do not.&lt;/p&gt;\n",
    "questions": [
        question(field("gender", "multi_value_single_select", "3", "2", "1"), label="Gender"),
        question(field("race", "multi_value_single_select", "8", "7", "6"), label="Race"),
    ],
}
MADE_UP = {
    "id": 7,
    "questions": [
        FIRST,
        question(field("resume", "input_file"), field("resume_text", "textarea"), label="Resume/CV"),
        question(field("question_31", "multi_value_single_select", 1, 0), label="Sail in winter? "),
        question(field("question_32[]", "multi_value_multi_select", 5, 6), description="<p>Any&nbsp;two</p>"),
        question(field("question_33", "textarea"), label="Why Tidemark Ferries?", required=True),
    ],
    "location_questions": [
        question(field("longitude", "input_hidden"), required=True),
        question(field("latitude", "input_hidden"), required=True),
        question(field("location"), label="Location", required=True),
    ],
    "compliance": [SURVEY, SURVEY],
    "demographic_questions": None,
    "data_compliance": [{"type": "gdpr", "requires_consent": False, "retention_period": None}],
}
"""A whole form in the shape of the recorded ones (``greenhouse-api.md``)."""


def forms(origin: str) -> list[bytes]:
    recorded = sorted((RECORDED / "greenhouse-questions").glob("*.json"))
    return [json.dumps(MADE_UP).encode()] if origin == "made-up" else [path.read_bytes() for path in recorded]


@pytest.mark.parametrize("origin", ORIGINS)
def test_forms_are_read_whole(origin: str) -> None:
    for body in forms(origin):
        answer = json.loads(body)
        form = parse_form(body, answer["id"])
        assert len(form.questions) == len(answer["questions"]), answer["id"]
        assert form.left_out == ()
        assert bool(form.location) == bool(answer["location_questions"])
        statistics = [asked for block in answer["compliance"] for asked in block["questions"]]
        assert sum(len(section.questions) for section in form.sections) == len(statistics)
        assert all("&lt;" not in section.html for section in form.sections)
