"""Made-up posts in the shapes of real ones, each with what its columns ought to be prefilled with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from portal.domain.sync.posts import Department, JobPost, Location, Metadata, Office, PayRange

NOTHING: Mapping[str, Any] = {
    "workplace_type": None,
    "employment_type": None,
    "seniority": None,
    "salary": None,
    "department": None,
    "closes_on": None,
}
"""What a post says that says nothing. A place is measured only where it is labelled."""


@dataclass(frozen=True)
class Labelled:
    """A post, and its label of each column that is measured."""

    post: JobPost
    right: Mapping[str, Any] = field(default_factory=dict)


def _labelled(
    title: str,
    place: str | None = None,
    *said: Metadata | PayRange | Office | Department,
    content: str = "<p>We build boats.</p>",
    deadline: str | None = None,
    **right: Any,
) -> Labelled:
    post = JobPost(
        id=1,
        title=title,
        content=escape(content),
        location=Location(place),
        application_deadline=deadline,
        metadata=tuple(each for each in said if isinstance(each, Metadata)),
        pay_input_ranges=tuple(each for each in said if isinstance(each, PayRange)),
        offices=tuple(each for each in said if isinstance(each, Office)),
        departments=tuple(each for each in said if isinstance(each, Department)),
    )
    return Labelled(post, {**NOTHING, **right})


def _field(name: str, value: Any, kind: str = "single_select") -> Metadata:
    return Metadata(name, kind, value)


def _money(name: str, low: str, high: str, unit: str) -> Metadata:
    return Metadata(name, "currency_range", {"unit": unit, "min_value": low, "max_value": high})


def _paid(low: int, high: int, currency: str, period: str) -> dict[str, Any]:
    return {
        "salary_min": low * 100,
        "salary_max": high * 100,
        "salary_currency": currency,
        "salary_period": period,
    }


LABELLED = (
    _labelled("Rigger", "Porto, Portugal", location="Porto, Portugal"),
    _labelled("Rigger", "Leeds, UK", _field("Time Type", "Full time"), employment_type="full_time"),
    _labelled(
        "Rigger",
        "Leeds, UK",
        _field("Time Type", "Full time"),
        _field("Worker Sub-Type", "Intern (Fixed Term)"),
        _field("Seniority", "Entry level"),
        employment_type="internship",
        seniority="Entry level",
    ),
    _labelled(
        "Sail Maker", "Lyon", _field("Type de contrat", "CDI"),
        _field("Télétravail", "2 jours par semaine à distance"), workplace_type="hybrid",
    ),
    _labelled("Sail Maker", "Lyon", _field("Type de contrat", "CDD"), employment_type="temporary"),
    _labelled("Voilier (H/F) - Alternance", "Brest", employment_type="internship"),
    _labelled(
        "Segelmacher (m/w/d)",
        "Kiel",
        _field("Vertragsart", "Unbefristet"),
        _field("Arbeitszeit", "Teilzeit"),
        _field("Arbeitsmodell", "Vor Ort"),
        employment_type="part_time",
        workplace_type="onsite",
    ),
    _labelled("Werkstudent (m/w/d) Einkauf", "Kiel", employment_type="part_time"),
    _labelled("Praktikum Bootsbau", "Kiel", employment_type="internship"),
    _labelled(
        "Velero", "Vigo", _field("Tipo de contrato", "Indefinido"), _field("Jornada", "Completa, 40 horas"),
        _field("Modalidad", "Presencial"), employment_type="full_time", workplace_type="onsite",
    ),
    _labelled("帆職人", "東京", _field("雇用形態", "契約社員"), employment_type="contract"),
    _labelled("Rigger", "Boston", _field("Employee Class", "Casual"), employment_type="temporary"),
    _labelled("Nurse", "Boston", _field("Employment Class", "Per Diem"), employment_type="temporary"),
    _labelled("Rigger", "Boston", _field("Worker Type", "Contingent Worker"), employment_type="contract"),
    _labelled("Rigger", "Boston", _field("Employment Type", "Unlimited Contract")),
    _labelled("Rigger", "Boston", _field("Employment Type", "Full-time or part-time")),
    _labelled("Rigger", "Boston", _field("Weekly Hours", "20.0", "number"), employment_type="part_time"),
    _labelled("Rigger", "Boston", _field("Full Time", True, "yes_no"), employment_type="full_time"),
    _labelled("Deck Hand (Part-Time)", "Boston", employment_type="part_time"),
    _labelled("Deck Hand, Seasonal", "Boston", employment_type="temporary"),
    _labelled("Design Intern, Summer", "Boston", employment_type="internship"),
    _labelled("Rigger (Contract)", "Boston", _field("Time Type", "Full time"), employment_type="contract"),
    _labelled("Volunteer - Harbour Fair", "Boston", employment_type="volunteer"),
    _labelled("Contract Manager", "Boston"),
    _labelled("Volunteer Coordinator", "Boston"),
    _labelled("Internal Auditor", "Boston"),
    _labelled("Temporary Works Designer", "Boston"),
    _labelled("Engineer (Remote) - UK", "Leeds, UK", workplace_type="remote"),
    _labelled("Engineer (Hybrid/Toronto)", "Toronto", workplace_type="hybrid"),
    _labelled("Engineer – Remote", "Germany", workplace_type="remote"),
    _labelled("Remote Operations Engineer", "Boston"),
    _labelled("Hybrid Cloud Architect", "Boston"),
    _labelled("Rigger", "Remote - Germany", workplace_type="remote"),
    _labelled(
        "Rigger", "Hybrid", Office(1, "HQ", "Porto, Portugal"),
        location="Porto, Portugal", workplace_type="hybrid",
    ),
    _labelled("Rigger", "Boston", _field("Work Model", "3 days/week in office"), workplace_type="hybrid"),
    _labelled("Rigger", "Boston", _field("Work Style", "In Office"), workplace_type="onsite"),
    _labelled("Rigger", "Boston", _field("Work Schedule", "Hybrid"), workplace_type="hybrid"),
    _labelled("Rigger", "Boston", _field("Open to Remote", True, "yes_no")),
    _labelled("Rigger", "Boston", _field("Workplace", ["Remote", "Hybrid"], "multi_select")),
    _labelled("Rigger", "Boston", content="<p>We build boats.</p><p>#LI-Onsite</p>", workplace_type="onsite"),
    _labelled("Rigger", "Boston", _field("Job Level", "Lv. 6-II")),
    _labelled("Rigger", "Boston", _field("Experience Level", "Select an Option")),
    _labelled("Rigger", "Boston", _field("Career Level", "P3 - Professional"), seniority="Professional"),
    _labelled("Rigger", "Boston", Department(1, "Yard", None), Department(2, "Sails", 1), department="Sails"),
    _labelled("Rigger", "Boston", Department(1, "No Department", None)),
    _labelled("Rigger", "Boston", deadline="2031-05-04T23:59:59-04:00", closes_on="2031-05-04"),
    _labelled(
        "Rigger", "Boston", PayRange(9_000_000, 12_000_000, "USD", "Base salary", ""),
        salary=_paid(90_000, 120_000, "USD", "year"),
    ),
    _labelled(
        "Rigger", "Boston", _money("Hourly rate", "25.0", "31.0", "USD"), salary=_paid(25, 31, "USD", "hour")
    ),
    _labelled("Rigger", "Boston", _money("Budgeted salary", "90000", "120000", "USD")),
)  # fmt: skip
