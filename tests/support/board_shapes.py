"""What the made-up boards are made of: words, layouts of descriptions, and every odd shape of a post."""

from typing import Any

Post = dict[str, Any]
"""A job post as the Job Board API sends it; here ``html`` stands for ``content`` before it is escaped."""

ABSENT = ...
"""The value of a field that is left out."""


def custom(name: str, value_type: str, value: Any) -> dict[str, Any]:
    """A custom field: one item of ``metadata``."""
    return {"id": 9_000 + len(name), "name": name, "value": value, "value_type": value_type}


def office(name: str, location: str | None) -> dict[str, Any]:
    """One item of ``offices``."""
    return {"id": 520 + len(name), "name": name, "location": location, "child_ids": [], "parent_id": None}


def department(name: str, number: int = 1, parent: int | None = None) -> dict[str, Any]:
    """One item of ``departments``."""
    return {"id": 310 + number, "name": name, "child_ids": [], "parent_id": parent and 310 + parent}


def pay(least: int, most: int, currency: str) -> dict[str, Any]:
    """One item of ``pay_input_ranges``, in minor units."""
    amounts = {"min_cents": least, "max_cents": most, "currency_type": currency}
    return amounts | {"title": "Yearly pay", "blurb": "<p>Before tax</p>"}


_GDPR = {"type": "gdpr", "requires_consent": False, "retention_period": None}
_CONSENTS = ("requires_processing_consent", "requires_retention_consent", "demographic_data_consent_applies")

CUSTOM_FIELDS = [
    custom("Do people report to this role?", "yes_no", False),
    custom("Employment type", "single_select", "Full-time"),
    custom("Crafts", "multi_select", ["Brass", "Glass"]),
]
OLD_FIELDS: Post = {
    "data_compliance": [_GDPR],
    "education": "education_optional",
    "metadata": [custom("Employment type", "single_select", "Full-time")],
}
NEW_FIELDS: Post = {
    "data_compliance": [_GDPR | dict.fromkeys(_CONSENTS, False)],
    "pay_input_ranges": [],
    "first_published": "2024-02-26T08:00:00-05:00",
    "language": "en",
    "metadata": CUSTOM_FIELDS,
}
_OPTIONAL = (
    *("absolute_url", "updated_at", "requisition_id", "internal_job_id", "metadata", "departments"),
    *("offices", "location", "data_compliance", "education"),
)


def _at(name: str | None, *offices: dict[str, Any]) -> Post:
    return {"location": {"name": name}} | ({"offices": list(offices)} if offices else {})


ODD_SHAPES: dict[str, Post] = {
    "a prospect post": {"internal_job_id": None, "title": "Anyone who loves lanterns"},
    "one of two posts of a job": {"internal_job_id": 777_001},
    "the other post of that job": {"internal_job_id": 777_001} | _at("Saltcombe"),
    "a title that others have too": {"title": "Lantern maker"},
    "the same title": {"title": "Lantern maker"},
    "a title with wild spaces": {"title": " \tLead  Glazier\u00a0\u2013 Nights \n"},
    "a title in another script": {"title": "ランタン職人 🏮", "language": "ja"},
    "a title with markup and entities": {"title": 'R&amp;D <Lead> & Co "A"'},
    "no optional field": dict.fromkeys(_OPTIONAL, ABSENT),
    "optional fields that are null": dict.fromkeys(
        (
            *("absolute_url", "requisition_id", "metadata", "language", "company_name", "education"),
            *("first_published", "application_deadline", "ai_disclaimer"),
        )
    )
    | _at(None),
    "fields that nobody knows": {"ai_disclaimer": "<p>x</p>", "ai_opt_out": True, "later": [{"a": 1}]},
    "a deadline": {"application_deadline": "2024-09-30T23:59:00-04:00"},
    "an address of the company's own": {"absolute_url": "https://oddlantern.example/jobs?gh_jid=5200020&a=b"},
    "no department and no office": {"departments": [], "offices": []},
    "departments in a tree": {"departments": [department("Works ", 1), department("Glass", 2, parent=1)]},
    "only a work model for a place": _at("Hybrid", office("Kiln Hall", "Saltcombe, UK")),
    "offices that name no town": _at("Remote", office("Home Based - EMEA", None), office("Kiln Hall", None)),
    "several places in one text": _at("Saltcombe, UK; Greywick or Oporto / Home-based, EMEA"),
    "a place of 159 characters": _at("; ".join(f"Lantern Town {number:03}" for number in range(1, 10))[:159]),
    "a place with spaces around it": _at("  Greywick "),
    "custom fields of every type": {
        "metadata": [
            *CUSTOM_FIELDS,
            custom("Tagline", "short_text", "Light for the fog"),
            custom("About the team", "long_text", "Six people.\n\nOne kiln."),
            custom("Weekly hours", "number", "40.0"),
            custom("Start date", "date", "2024-10-01"),
            custom(
                "Salary", "currency_range", {"unit": "EUR", "min_value": "41000.0", "max_value": "52000.5"}
            ),
            custom("Workplace type", "single_select", "On-site"),
        ]
    },
    "custom fields without a value": {
        "metadata": [
            *(custom(f"Empty {kind}", kind, None) for kind in ("yes_no", "number", "currency_range")),
            custom("Employment type", "single_select", None),
            custom("Crafts", "multi_select", None),
            custom("Other crafts", "multi_select", []),
            custom("Start date", "date", ""),
        ]
    },
    "pay ranges": {"pay_input_ranges": [pay(4_150_000, 5_275_050, "EUR"), pay(0, 0, "USD")]},
    "no description": {"html": ""},
    "a description of one bare line": {"html": "Come & see the kiln at < 1,300 °C"},
    "a description escaped twice": {
        "html": "<p><code>&amp;lt;b&amp;gt; &amp;amp; &lt;i&gt;</code> &amp;eacute;</p>"
    },
    "a description in many scripts": {
        "html": "<p>Öfen · Поддержка · 灯台の光 · ضوء المنارة · 👩\u200d🔧🏮</p>"
    },
    "a description with media": {
        "html": '<p><img style="max-width: 100%;" src="https://oddlantern.example/kiln.png" alt="Kiln"></p>'
        '<iframe src="https://www.youtube.com/embed/k1LnF1lm" width="560" height="315"></iframe>'
    },
    "a description with a table": {
        "html": '<table><tbody><tr class="row"><td>Shift</td><td>Night</td></tr></tbody></table><hr>'
    },
    "a description pasted from a browser": {
        "html": '<div class="capture" style="margin-left: 0px; display: none;"><span> </span></div><section>'
        '<p class="p1" onclick="go()">Blow glass<o:p></o:p> <font color="red">hot</font></p></section><p>'
        '<a href="javascript:go()">Apply</a> <a href="mailto:jobs@oddlantern.example">Write</a> <a></a></p>'
    },
    "a description of more than 12 KB": {
        "html": "".join(f"<p>Lantern {n} is cleaned and filled on day {n % 28}.</p>" for n in range(240))
    },
}
"""The fields in which the posts of "made-up odd shapes" differ from a plain one, by what is odd."""

LAYOUTS = (
    "<h2>What you will do</h2><p>{0} {1}</p><ul><li>{2}</li><li>{3}</li></ul><h3>You bring</h3><p>{4}</p>",
    '<h3><strong>Your days</strong></h3>\n<p><span style="font-weight: 400;">{0}</span></p>\n<p>&nbsp;</p>\n'
    '<ul>\n<li style="font-weight: 400;"><span style="font-weight: 400;">{1}</span></li>\n<li><p>{2}</p></li>'
    "\n<li>&nbsp;</li>\n</ul>\n<h3>&nbsp;</h3><p>{3}&nbsp;{4}</p>",
    '<h1>{0}</h1><h4>Terms</h4><ol><li><span style="font-weight: bold;">{1}</span></li><li><em>{2}</em></li>'
    '</ol><ul></ul><h4></h4><p style="text-align: center;">{3}<br><br>'
    '<span style="font-style: italic; color: #4646e8;">{4}</span><br></p>',
    '<div><h2><span style="font-weight: 700;"><strong>The work</strong></span></h2>{0}<div><div>&nbsp;</div>'
    '</div><p style="padding-left: 40px;"><a href="https://works.example/a?b=1&amp;c=2">{1}</a><a></a></p>'
    "<h4>And <em></em></h4><p>{2}</p><h2><br></h2><p><strong></strong></p></div>"
    '<div class="content-conclusion"><p>{3}</p></div>',
    "<p><strong>{0}</strong></p><p>{1}</p><ul><li>{2}<ul><li>{3}</li></ul></li><li><span></span></li></ul>{4}",
)
OPENINGS = (
    "You will",
    "Every week you",
    "With two others you",
    "Before the season you",
    "Now &amp; then you",
)
VERBS = ("mend", "measure", "catalogue", "polish", "plan", "carry", "draw", "tune", "count")
THINGS = ("the brass fittings", "old tide tables", "forty lamps", "reeds &lt; 2 mm", "a chart")
ENDINGS = (
    "for the crew",
    "by hand",
    "at 5&nbsp;°C",
    "until it is right",
    "before dawn",
    "\u2013 and write it down",
)
GRADES = ("", "Senior ", "Junior ", "Lead ")
ROLES = (
    "Deckhand",
    "Glazier",
    "Reed Maker",
    "Map Keeper",
    "Harbour Pilot",
    "Bookbinder",
    "Tuner",
    "Night Clerk",
)
PLACES = (
    *("Saltcombe", "Greywick, UK", "Home based - EMEA", "Home Based - Americas, EMEA", "Remote", "Hybrid"),
    *("Office Based - Greywick, UK", "Anywhere in Ireland", "Saltcombe or Greywick", "Home-based, EMEA"),
)
DEPARTMENTS = ("Workshop", "Crew ", "Reading Room", "Harbour Office", "Accounts")
OFFICES = (
    office("Saltcombe Quay", "Saltcombe, Devon, UK"),
    office("Home Based - EMEA", None),
    office("Greywick", "Greywick, UK"),
)
