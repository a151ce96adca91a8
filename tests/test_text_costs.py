"""No function of foreign text takes longer than the length of the text explains.

Every public function of the domain and of the Greenhouse client that takes a text is found and timed: one
with a single text as it is, any other by its line in ``CALLS``. A new one that is in neither fails.
"""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import count, islice
from time import process_time
from types import SimpleNamespace
from typing import Any

import pytest

import portal.boards
import portal.domain
from portal.actions.accounts.organisations import slug_from
from portal.boards.errors import GreenhouseError
from portal.domain.applications.files import File
from portal.domain.applications.forms import ApplicationForm, Field, FieldKind, Question, seen_form
from portal.domain.applications.history import names_of
from portal.domain.applications.validation import Typed
from portal.domain.descriptions.clean import clean_own_html
from portal.domain.descriptions.limits import bounded
from portal.domain.jobs import pairs
from portal.domain.jobs.bulk import How
from portal.domain.jobs.fields import FIELDS
from portal.domain.jobs.public_list import read_filter
from portal.domain.people import EMAIL
from portal.domain.sync import posts
from portal.web.requests import is_local_path
from portal.web.traffic.tracking import apply_link, source_from

Call = Callable[..., Any]

LENGTH, TIMES = 1_500, 8
SLACK = 6
"""A text of eight times the length may take 48 times as long: by the square it would be 64 times."""

ORDINARY = "<p>We build <b>boats</b> in Lisbon, and look for people who like to sail.</p>\n"

# Each is repeated until the text is long enough; a {} in one makes every repetition another.
HOSTILE = [
    "a", "a ", "é", "ﷺ", " ", "\n", "\n\n", "\t", "\xa0", "\u200b", "\u0301", "0", "9,", "1 ", "w{} ",
    "w{}. ", "s w{} ", "&", "&amp;", "&nbsp;", "&#", "<", "<<", ">", "<a", "<a ", '<a "', '<a href="',
    "<a href='x'>", "<a href=#>Read more", "<b>", "<b a{}>", "<b a{}><p>x", "<b><p>", "<b><div>",
    "<b><p></b>x", "</b>", "<p>", "<p>x", "</p>", "<p></p>", "<p>&nbsp;</p>", "<div>", "<div><p>",
    "<div><!--</div>-->", "<span>", "<span style='font-weight:bold'>x",
    "<span style='font-weight:bold'>x<p style='font-weight:400'>", '<p style="font-weight:',
    "<b style='font-weight:normal'>x", "<strong><span style='font-weight:400'>", "font-weight:      ",
    "<p>• x</p>", "<p>- ", "<p>o x</p>", "<p>{}. x</p>", "<p>a) x</p><p>i) x</p>", "• x<br>", "- ", "•",
    "<li class=ql-indent-9>x</li>", "<li class=ql-indent-{}>x</li>", "<ul><li><ul>", "<li><div>",
    "<a href='/x'>", "direction:rtl ", "<p style='direction:rtl'>", "私", "ก", "Mso", "data-list=",
    "<ul>", "<ul><li>", "<li>x", "<ul></ul>", "<ul><ul><li>", "<dl><dt>", "<p style='mso-list:l0 level1'>x",
    "<p style='mso-list:l0 level9'><span style='mso-list:Ignore'>1.</span>x", "mso-list: l1", "<table>",
    "<table>x", "<table><tr><td>", "<table><b>x", "<h1>", "<h1>x</h1>", "<h2><h3>", "<header>",
    '<img src="', '<img "', '<iframe src="//www.youtube.com/embed/a">', "<br>", "<br", "<!--", "-->",
    "<!-- -->", "<!", "<?", "<![", "<![CDATA[", "<script>", "<style>", "<svg>", "<select>", "<template>",
    "<div><marquee></div></marquee>", "<!--StartFragment-->", "<!--EndFragment-->", 'href="', "*", "**a",
    "*a ", "_", "_a_", "`", "`a", "[", "[a](b", "![", "](<", "<a@b.c>", "> ", "> a\n", "- ", "- a\n",
    "  - a\n", "1. a\n", "# a\n", "=", "-", "|a", "|a|b|\n|-|-|\n", "~~a", "\\", "https://", "//", "a.",
    "a@", ",", "/", ": ", '{"a":', " and ", "remote ", "remote/", " - remote", "100% ", "(", "..", "per ",
]  # fmt: skip


def posted(text: str) -> posts.JobPost:
    """A post that says the text wherever it can."""
    return posts.JobPost(
        id=1,
        title=text,
        content=text,
        application_deadline=text,
        location=posts.Location(text),
        departments=tuple(posts.Department(n, name) for n, name in enumerate(text.split(" "))),
        offices=tuple(posts.Office(n, name, name) for n, name in enumerate(text.split(" "))),
        metadata=tuple(posts.Metadata(name, "short_text", text) for name in ("Remote", "Job type", "Pay")),
        include_ai_disclaimer=True,
        ai_disclaimer=text,
        pay_input_ranges=(posts.PayRange(1, 2, "EUR", text, text),),
    )


def listed(text: str) -> bytes:
    """A board's answer with one post that says the text."""
    post = {"id": 1, "title": "A", "content": text, "location": {"name": text}, "metadata": [{"name": text}]}
    return json.dumps({"jobs": [post], "meta": {"total": 1}}).encode()


def listed_job(text: str) -> Any:
    """A job of a public list that says the text wherever it can."""
    said = {"department": text, "location": text, "language": text}
    return SimpleNamespace(workplace_type="remote", employment_type="other", **said)


def asked(text: str) -> ApplicationForm:
    """A form with questions called by the words of the text, the last by most of them."""
    words = enumerate(text.split(" ", 10))
    questions = [Question(word, True, (Field(f"q{number}", FieldKind.LINE),)) for number, word in words]
    return ApplicationForm(tuple(questions), Question(text, True, (Field("location", FieldKind.LINE),)))


def answered(text: str) -> Typed:
    """The text in every answer."""
    return Typed({each.name: [text] for each in asked(text).every_question()})


def asking(text: str) -> bytes:
    """Greenhouse's answer with a form that says the text where it is not HTML."""
    field = {"name": "question_1", "type": "input_text", "values": [{"label": text, "value": 1}]}
    question = {"label": text, "required": True, "fields": [field]}
    said = {
        "include_ai_disclaimer": True,
        "ai_opt_out_request_url": text,
    }  # descriptions are timed by themselves
    return json.dumps({"id": 1, "questions": [question, question], "education": text} | said).encode()


def titled(text: str) -> dict[int, str]:
    """Jobs called by the words of the text."""
    return dict(enumerate(text.split(" ")))


def turned(text: str) -> str:
    """The text with its second half first: much of it is equal, none of it in the same place."""
    return f"x {text[len(text) // 2 :]}{text[: len(text) // 2]} y"


CALLS: dict[str, Callable[[Call, str], Any]] = {
    "bulk.bulk_change": lambda f, text: f(FIELDS["tags"], How.ADD, text),
    "following.source_columns": lambda f, text: f(FIELDS["location"], text),
    "following.value_words": lambda f, text: f("departments", text.split(" ")),
    "names.looks_like": lambda f, text: f(text, text.split(" ")),
    "diff.description_changes": lambda f, text: f(text * 2, turned(text * 2)),
    "clean.beneath": lambda f, text: f(2, text),
    "markdown.markdown_of": lambda f, text: f(clean_own_html(text)),
    "limits.bounded": lambda f, text: f("<i x>" * 30 + text),  # more than passes untouched
    "attributes.cleaned_attribute": lambda f, text: f("a", "href", text),
    "attributes.whole_address": lambda f, text: f(text, "https://a.example/b"),
    "structure.with_structure": lambda f, text: f(bounded("<i x>" * 30 + text)),  # more than passes untouched
    "logos.read_logo": lambda f, text: f(text.encode()),
    "profile.merge": lambda f, text: f({"name": ""}, {"name": text}, {"name": text}),
    "profile.value_mark": lambda f, text: f(text),
    "languages.direction_of": lambda f, text: f(text, "he"),
    "prefill.ai_notice": lambda f, text: f(posted(text)),
    "markers.marker_of_level": lambda f, text: f(text, 1),
    "custom_fields.custom_fields": lambda f, text: f([posted(text)]),
    "custom_fields.value_texts": lambda f, text: f(text),
    "metadata.words_of": lambda f, text: f(text.split(" ")),
    "columns.read_layout": lambda f, text: f({"columns": text.split(" "), "widths": {text: 80}}),
    "public_words.filter_words": lambda f, text: f("language", text.split(" ")),
    "public_words.job_facts": lambda f, text: f(listed_job(text)),
    "public_words.unsaid_workplace": lambda f, text: f(listed_job(text)),
    "public_words.value_label": lambda f, text: f("language", text),
    "traffic.source_of": lambda f, text: f(text, text, text),
    "public_list.read_filter": lambda f, text: f(text, {"location": text.split(" ")}),
    "texts.commonest_spellings": lambda f, text: f(dict.fromkeys(text.split(" "), 1)),
    "jobs.cdata": lambda f, text: f("title", text),
    "jobs.cdata_each": lambda f, text: f("titles", "title", text.split(" ")),
    "jobs.element": lambda f, text: f("title", text, type=text),
    "pairs.pairs_of": lambda f, text: f(titled(text), titled(turned(text))),
    "pairs.same_title": lambda f, text: f(text, turned(text)),
    "prefill.source_values": lambda f, text: f(posted(text)),
    "prefill.office_places": lambda f, text: f(posted(text)),
    "metadata.day_in": lambda f, text: f(text),
    "metadata.fields_by_column": lambda f, text: f([posts.Metadata(text, None, text)]),
    "metadata.metadata_says": lambda f, text: f(posted(text).metadata),
    "pay.advertised_pay": lambda f, text: f(posted(text)),
    "pay_words.pay_rank": lambda f, text: f(text, holds_money=True),
    "pay_words.pays_in": lambda f, text: list(f(text, None, frozenset({"CAD"}))),
    "pay_words.periods_of_field": lambda f, text: f(text, text),
    "currencies.code_of": lambda f, text: f(text),
    "currencies.with_local_signs": lambda f, text: f(text, frozenset({"CAD"})),
    "texts.search_text": lambda f, text: f(text, text.split(" ")),
    "keys.count_places": lambda f, text: f([(text, None, 1), (turned(text), text, 1)]),
    "keys.place_keys": lambda f, text: f(text, turned(text)),
    "locations.read_location": lambda f, text: f(text, turned(text)),
    "countries.region_coded": lambda f, text: f(text, "US"),
    "texts.cut_line": lambda f, text: f(text, 10_000),
    "texts.each_once": lambda f, text: f(text.split(" ")),
    "texts.one_line": lambda f, text: f(text, 10_000),
    "texts.several_lines": lambda f, text: f(text, 10_000),
    "links.https_link": lambda f, text: (f(f"https://a.example/{text}"), f(f"https://{text}"), f(text)),
    "payloads.count_jobs": lambda f, text: f(text.encode()),
    "pairs.reposts_of": lambda f, text: f([pairs.GonePost(1, 7, text)], [posted(text)]),
    "payloads.fingerprint": lambda f, text: f(posted(text)),
    "payloads.listed_ids": lambda f, text: f(listed(text)),
    "payloads.parse_board_name": lambda f, text: f(json.dumps({"name": text}).encode(), "acme"),
    "payloads.parse_listing": lambda f, text: f(listed(text), None),
    "salvage.patient_json": lambda f, text: f(text.encode()),
    "salvage.salvage": lambda f, text: f(
        {"id": 1, "title": text, "content": text, "language": text, "x": text}
    ),
    "client.is_signed": lambda f, text: f(b"secret", text, text.encode()),
    "searches.harmless_words": lambda f, text: f(
        read_filter(text, {"location": text.split(" ")}), {"location": {text: 1}}
    ),
    "searches.parse_stored": lambda f, text: f({"q": text, "location": text.split(" ")}),
    "table_cells.mark": lambda f, text: f(1, "location", text),
    "table_cells.parse_cell": lambda f, text: f(FIELDS["salary"], text, {"salary_currency": None}, "EUR"),
    "table_cells.readings": lambda f, text: f(FIELDS["closes_on"], text),
    "tables.csv_line": lambda f, text: f([text, turned(text)]),
    "tables.read_file": lambda f, text: f(text.encode(), lambda heading: heading == "Job ID"),
    "table_edits.read_block": lambda f, text: f([[text]], [1], ["location"], fill=False),
    "addresses.parse_receiver": lambda f, text: (
        f(f"https://a.example/{text}", private=False),
        f(f"https://{text}", private=True),
    ),
    "addresses.shown_address": lambda f, text: f(f"https://a.example/{text}", secret=False),
    "files.read_file": lambda f, text: f("resume", text, text.encode()),
    "files.kind_of": lambda f, text: (f(text.encode()), f(b"PK\x03\x04" + text.encode())),
    "files.file_name": lambda f, text: f(text, "pdf"),
    "forms.changes_since": lambda f, text: (
        f(text, asked(text)),
        f(seen_form(asked(turned(text))), asked(text)),
    ),
    "forms.unasked": lambda f, text: f([f"question_{word}" for word in text.split(" ")], asked(text)),
    "forms.renamed_fields": lambda f, text: f(seen_form(asked(turned(text))), asked(text)),
    "history.judge_history": lambda f, text: f(asked(text), dict.fromkeys(names_of("employment"), text)),
    "history.entries_of": lambda f, text: f("education", {"form-education": text}),
    "history.names_of": lambda f, text: f(f"employment_{text}"),
    "history.with_another": lambda f, text: f("education", {"form-education": [text], text: [text]}),
    "history.without_entry": lambda f, text: f(text, {"form-education": [text]}),
    "validation.judge": lambda f, text: f(asked(text), answered(text), {}, {}),
    "application_form.parse_form": lambda f, text: f(asking(text), 1),
    "application_form.parse_choices": lambda f, text: f(
        json.dumps({"items": [{"id": 1, "text": text}]}).encode()
    ),
    "applications.multipart": lambda f, text: f([(text, text)], [File(text, text, "pdf", text.encode())]),
    "applications.expect_taken": lambda f, text: f(422, json.dumps({"error": text}).encode(), text),
    "http.parse_retry_after": lambda f, text: f(text, datetime(2026, 1, 1, tzinfo=UTC)),
}
"""How a function that takes more than one text is called with one."""

OUR_OWN = {
    "derived.stored_lacks", "derived.lacks_of", "bulk.plan_bulk", "currencies.exponent_of",
    "currencies.to_major", "currencies.to_minor", "derived.derive", "derived.derived", "derived.derived_from",
    "values.as_json", "values.from_json", "values.salary_of", "health.needs_attention",
    "health.next_interval", "health.failing", "plan.changed_fields", "plan.without_read_anew",
    "prefill.prefill", "mails.confirmation",
    "runs.forget_at", "salary.is_clearly_yearly", "following.said_columns", "http.ask",
    "diff.changed_passages", "diff.word_diff", "payloads.post_page", "drafts.likeliest", "drafts.people",
    "following.as_source_value", "following.bit_of", "following.columns_to_follow",
    "following.followed_values", "following.is_following", "following.restored_values",
    "following.reread_values", "following.with_following", "plan.followed_changes",
    "search_engines.parse_service_account", "search_engines.tell_indexnow",
    "columns.changed_views", "columns.layout_of", "columns.preferences_with_layout",
    "columns.preferences_without_views",
    "custom_fields.changed_choices", "custom_fields.completed_before", "custom_fields.parse_choices",
    "custom_fields.reads_otherwise", "custom_fields.stored_choices", "table_cells.cell_text",
    "table_cells.version_text", "table_edits.plan_table", "jobs.plain_amount",
    "public_words.employment_label", "public_words.list_title", "public_words.main_facts",
    "public_words.public_salary",
    "public_words.salary_label", "public_words.workplace_label", "letters.known", "letters.new_jobs",
    "letters.question", "schedule.next_sending", "zones.date_in",
    "public_job.feed_job_of",
    "public_job.public_salary", "deliveries.failing_mail", "deliveries.gone_mail",
    "events.digest_of", "receivers.post", "slack.slack_body",
    "letters.address_asked", "letters.address_changed", "letters.ask_colleague", "letters.confirm_address",
    "letters.invitation", "letters.new_browser", "letters.password_changed", "letters.reset",
    "letters.token_made", "letters.passkey_added", "letters.passkey_removed", "letters.recovery_code_used",
    "letters.two_step_off", "letters.domain_lost", "letters.domain_missing",
    "letters.two_step_on", "letters.provider_linked", "providers.ask_provider",
    "receivers.connection_to", "receivers.tls_context", "dns_records.txt_records",
}  # fmt: skip
"""What these are given is the portal's own, or has been through one of the others."""


def functions_of_text() -> Iterator[tuple[str, Call]]:
    """Every public function of the domain and the Greenhouse client that takes a text, by module and name."""
    for package in (portal.domain, portal.boards):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                function = inspect.unwrap(value) if callable(value) else None
                if name.startswith("_") or not inspect.isfunction(function):
                    continue
                if function.__module__ == module.__name__ and takes_text(function):
                    yield f"{found.name.rpartition('.')[2]}.{name}", function


def takes_text(function: Call) -> bool:
    """Whether one of its parameters is a text, holds some, or could be one."""
    kinds = "".join(str(each.annotation) for each in inspect.signature(function).parameters.values())
    return any(kind in kinds for kind in ("str", "bytes", "JobPost", "Any", "object"))


def is_called_as_it_is(function: Call) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    needed = [each for each in parameters if each.default is each.empty]
    return len(needed) == 1 and needed[0].annotation in (str, str | None)


def timed_call(name: str, function: Call) -> Call:
    call = CALLS.get(name)
    return (lambda text: call(function, text)) if call else function


FOUND = dict(functions_of_text())
TIMED = {
    name: timed_call(name, function)
    for name, function in FOUND.items()
    if name in CALLS or (name not in OUR_OWN and is_called_as_it_is(function))
}
TIMED |= {f"{field.name}.parse": field.parse for field in FIELDS.values()}
TIMED |= {"EMAIL": EMAIL.fullmatch, "slug_from": slug_from, "source_from": source_from}
TIMED |= {"is_local_path": lambda text: is_local_path(f"/{text}")}
TIMED |= {"apply_link": lambda text: apply_link(f"https://a.example/{text}", (("gh_src", "x"),))}


@cache  # for hundreds of functions alike
def long(unit: str, length: int) -> str:
    """A text of that length out of ``unit``."""
    if "{}" in unit:
        return "".join(islice((unit.replace("{}", str(n)) for n in count()), length))[:length]
    return (unit * (length // len(unit) + 1))[:length]


def seconds(call: Call, text: str, tries: int) -> float:
    """The least processor time of some calls, each with a text that no cache has met."""
    best = float("inf")
    for number in range(tries):
        fresh = text + "x" * number
        began = process_time()
        with suppress(ValueError, RecursionError, GreenhouseError):
            call(fresh)
        best = min(best, process_time() - began)
    return best


def excess(call: Call, unit: str, tries: int, length: int = LENGTH, usual: float = 0) -> float:
    """How much longer a long text takes than its length explains; up to 1 it is explained, as up to ``usual``
    seconds are."""
    long_one = seconds(call, long(unit, length * TIMES), tries)
    if long_one <= usual:
        return 0
    return long_one / (seconds(call, long(unit, length), tries) * TIMES * SLACK)


def usual_seconds(call: Call) -> float:
    """What a long text may take anyway: where a short one is refused at once, as long as an ordinary one."""
    return seconds(call, long(ORDINARY, LENGTH), 3) * TIMES * SLACK


def might_grow(call: Call, unit: str, usual: float, anyway: float) -> bool:
    """Whether the full length has to be tried: a tenth of it must not grow as what is too slow would there.

    ``anyway`` is what a call takes without a text. Beyond that, what takes the square of the length, by as
    little as is noticed at the full one, takes 19 times as long for eight times a tenth; what takes the cube,
    1,000 times as long for ten times as much.
    """
    length = LENGTH // 10
    long_one = seconds(call, long(unit, length * TIMES), 1) - anyway
    if long_one * 1_000 <= usual:
        return False
    return long_one > (seconds(call, long(unit, length), 1) - anyway) * 12


def too_slow(call: Call, units: list[str], usual: float) -> dict[str, float]:
    """Those that take longer than their length explains, and how much."""
    suspects = [unit for unit in units if excess(call, unit, 1, usual=usual) > 1]
    return {unit: round(over, 1) for unit in suspects if (over := excess(call, unit, 4)) > 1}


@pytest.mark.parametrize("name", TIMED)
def test_a_text_takes_no_longer_than_its_length_explains(name: str) -> None:
    call = TIMED[name]
    usual, anyway = usual_seconds(call), seconds(call, "a", 3)
    suspects = [unit for unit in HOSTILE if might_grow(call, unit, usual, anyway)]
    assert too_slow(call, suspects, usual) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("name", TIMED)
def test_no_text_of_full_length_takes_longer_than_it_explains(name: str) -> None:
    assert too_slow(TIMED[name], HOSTILE, usual_seconds(TIMED[name])) == {}


@pytest.mark.parametrize(("name", "unit"), [("markdown.markdown_of_pasted", "<!--StartFragment-->")])
def test_a_large_text_takes_no_longer_than_its_length_explains(name: str, unit: str) -> None:
    assert excess(TIMED[name], unit, 2, length=16_000) <= 1


def test_every_function_of_text_is_timed() -> None:
    assert sorted(FOUND.keys() - TIMED.keys() - OUR_OWN) == []
