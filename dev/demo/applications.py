"""Application forms of the demo: what each post asks for, and what is made of an application that comes."""

from dataclasses import dataclass
from typing import Final

from flask import request

from dev.demo.boards import Json

_STANDARD: Final = (
    ("First Name", True, ("first_name", "input_text")),
    ("Last Name", True, ("last_name", "input_text")),
    ("Email", True, ("email", "input_text")),
    ("Phone", False, ("phone", "input_text")),
    ("Resume/CV", True, ("resume", "input_file"), ("resume_text", "textarea")),
    ("Cover Letter", False, ("cover_letter", "input_file"), ("cover_letter_text", "textarea")),
)
_LANGUAGES: Final = ("English", "German", "Portuguese", "Spanish", "Danish")
_SCHOOLS: Final = tuple(
    f"{kind} of {place}"
    for place in ("Lisbon", "Porto", "Berlin", "Copenhagen", "Austin", "Leeds", "Turin", "Vilnius")
    for kind in ("University", "Technical University", "Academy")
)
_DEGREES: Final = (
    "High School",
    "Bachelor's Degree",
    "Master's Degree",
    "Doctor of Philosophy (Ph.D.)",
    "Other",
)
_DISCIPLINES: Final = ("Computer Science", "Electrical Engineering", "Meteorology", "Physics", "Law", "Other")
_LISTS: Final = {"schools": _SCHOOLS, "degrees": _DEGREES, "disciplines": _DISCIPLINES}
_EEOC: Final = (
    "&lt;p&gt;Answering is voluntary, and has no influence on your application.&lt;/p&gt;"
    "&lt;p&gt;The answers are reported to the government of the United States.&lt;/p&gt;"
)


@dataclass(frozen=True, slots=True)
class Received:
    """An application as it came. ``parts`` are all of its texts, in their order."""

    job_id: int
    title: str
    parts: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """Who applied."""
        said = dict(self.parts)
        return f"{said['first_name']} {said['last_name']}"

    @property
    def email(self) -> str:
        """Where they are reached."""
        return dict(self.parts)["email"]


def form_of(job: Json) -> Json:
    """Return what a post asks for. One in three asks for all that a form can ask for."""
    extent = job["id"] % 3
    return {
        "compliance": [_voluntary()] if extent == 2 else None,
        "demographic_questions": _demographic() if extent == 2 else None,
        "questions": [*(_question(*each) for each in _STANDARD), *(_own_questions() if extent else [])],
        "location_questions": _location() if extent else [],
        "education": ("education_optional" if extent == 2 else None),
        "employment": ("employment_optional" if extent == 2 else None),
    } | ({"data_compliance": [_consents()]} if extent == 2 else {})


def choices(kind: str, term: str) -> Json:
    """Return a list that education is chosen from, as far as its entries hold a term."""
    names = [(number, name) for number, name in enumerate(_LISTS[kind], 1) if term.lower() in name.lower()]
    items = [{"id": number, "text": name} for number, name in names]
    return {"items": items, "meta": {"total_count": len(items), "per_page": 100}}


def read(job: Json) -> Received | str:
    """Return the application that came, or what is wrong with it."""
    form = request.form
    missing = [name for name in ("first_name", "last_name", "email") if not form.get(name)]
    if missing:
        return f"Missing required fields: {', '.join(missing)}"
    parts = tuple((name, value) for name, values in form.lists() for value in values)
    files = tuple(upload.filename or "" for upload in request.files.values())
    return Received(job["id"], job["title"], parts, files)


def _question(label: str, required: bool, *fields: tuple[str, str]) -> Json:
    listed = [{"name": name, "type": kind, "values": []} for name, kind in fields]
    return {"description": None, "label": label, "required": required, "fields": listed}


def _select(label: str, name: str, labels: tuple[str, ...], *, required: bool, several: bool = False) -> Json:
    kind = f"multi_value_{'multi' if several else 'single'}_select"
    values = [{"label": each, "value": 7_000_000_000 + number} for number, each in enumerate(labels)]
    fields = [{"name": f"{name}[]" if several else name, "type": kind, "values": values}]
    return {"description": None, "label": label, "required": required, "fields": fields}


def _own_questions() -> list[Json]:
    permit = _select(
        "Are you allowed to work where this job is?", "question_8001", ("Yes", "No"), required=True
    )
    spoken = _select(
        "Which of these languages do you speak?", "question_8002", _LANGUAGES, required=True, several=True
    )
    heard = _question("How did you hear about this job?", False, ("question_8003", "input_text"))
    why = _question("What would you like to measure, and why?", False, ("question_8004", "textarea"))
    said = (
        '<p>A few sentences are enough. Our <a href="https://northwind.example/notes">notes</a> may help.</p>'
    )
    privacy = _select(
        "Please read our privacy notice.\n", "question_8005", ("I have read it",), required=True, several=True
    )
    return [permit, spoken, heard, why | {"description": said}, privacy]


def _location() -> list[Json]:
    hidden = [_question(name.title(), True, (name, "input_hidden")) for name in ("longitude", "latitude")]
    return [*hidden, _question("Location", True, ("location", "input_text"))]


def _voluntary() -> Json:
    options = [{"label": "I don't wish to answer", "value": "3"}, {"label": "I am no veteran", "value": "1"}]
    field = {"name": "veteran_status", "type": "multi_value_single_select", "values": options}
    asked = {"required": False, "label": "VeteranStatus", "fields": [field]}
    return {"type": "eeoc", "questions": [asked], "description": _EEOC}


def _demographic() -> Json:
    options = [
        {"id": 91, "label": "Yes", "free_form": False},
        {"id": 92, "label": "No", "free_form": False},
        {"id": 93, "label": "I describe it myself", "free_form": True},
    ]
    asked = {
        "id": 90,
        "label": "Do you have a disability?",
        "required": False,
        "type": "multi_value_single_select",
        "answer_options": options,
    }
    return {"header": "Help us to be fair", "description": "<p>Voluntary.</p>", "questions": [asked]}


def _consents() -> Json:
    return {
        "type": "gdpr",
        "requires_consent": True,
        "requires_processing_consent": True,
        "requires_retention_consent": True,
        "retention_period": 180,
        "demographic_data_consent_applies": True,
    }
