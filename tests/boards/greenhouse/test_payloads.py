"""An answer is read whole or refused whole; only a post whose id is known can be set aside."""

import contextlib
import json
import random
from functools import partial
from html import unescape
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.boards.errors import BoardTooLarge, GreenhouseError, IncompleteBoard, MalformedBoard
from portal.boards.greenhouse.payloads import count_jobs, parse_board_name, parse_listing
from portal.domain.sync.posts import Listing, Metadata, Office, PayRange, SetAside
from tests.support.boards import bodies, series_names
from tests.support.faults import board, post


def fingerprint(**fields: Any) -> str:
    return parse_listing(board(post(1, **fields)), None).posts[1].fingerprint


def with_raw(field: str, json_text: bytes) -> bytes:
    """A board of posts 1 and 2 whose first has this very JSON in ``field``."""
    return board(post(1, **{field: "@@"}), post(2)).replace(b'"@@"', json_text)


def test_a_board_is_read_by_id_whatever_its_order() -> None:
    posts = [post(number) for number in range(1, 30)]
    listing = parse_listing(board(*posts), 'W/"a"')
    random.Random(1).shuffle(posts)
    assert parse_listing(board(*posts), 'W/"a"') == listing
    assert listing.etag == 'W/"a"'
    assert listing.posts[7].post.title == "Engineer 7"


def test_an_empty_board_is_a_board() -> None:
    assert parse_listing(b'{"jobs":[],"meta":{"total":0}}', None) == Listing({}, (), None)


UNREADABLE = [
    b"true",
    b"1.5",
    b"1.0",
    b'"12"',
    b"NaN",
    b"0",
    b"-1",
    b"null",
    b"[]",
    b"%d" % 2**63,
    b"9" * 5000,
]


@pytest.mark.parametrize("post_id", UNREADABLE)
@pytest.mark.parametrize("other", [b"null", b'"\\ud800"'], ids=["strict", "patient"])
def test_an_id_that_cannot_be_read_refuses_the_whole_answer(post_id: bytes, other: bytes) -> None:
    with pytest.raises(IncompleteBoard):
        parse_listing(with_raw("id", post_id).replace(b'"Berlin"', other), None)


@pytest.mark.parametrize("item", [b"null", b"7", b'"x"', b"[]", b"{}"])
def test_a_post_that_is_none_refuses_the_whole_answer(item: bytes) -> None:
    with pytest.raises(IncompleteBoard):
        parse_listing(b'{"jobs": [%s], "meta": {"total": 1}}' % item, None)


def test_an_id_that_stands_twice_refuses_the_whole_answer() -> None:
    for second in (post(1), post(1, title=None)):
        with pytest.raises(IncompleteBoard, match="twice"):
            parse_listing(board(post(1), second), None)


@pytest.mark.parametrize("total", [0, 1, 3, True, "2", 2.0, -1, 10**30])
def test_a_count_other_than_the_total_refuses_the_whole_answer(total: object) -> None:
    with pytest.raises(IncompleteBoard):
        parse_listing(board(post(1), post(2), total=total), None)


@pytest.mark.parametrize("meta", [b"", b', "meta": null', b', "meta": []', b', "meta": {}'])
def test_an_answer_without_a_total_is_refused(meta: bytes) -> None:
    with pytest.raises(IncompleteBoard):
        parse_listing(b'{"jobs": []%s}' % meta, None)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b"{}", b'{"jobs": null}', b'{"jobs": {}}', b"{"])
def test_what_is_no_board_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBoard):
        parse_listing(body, None)


@pytest.mark.parametrize(
    "prefix", [b"", b'"jobs": [{"id": 1, "x": ', b'"x": "\\ud800", "jobs": [{"id": 1, "x": ']
)
def test_a_hundred_thousand_levels_are_malformed(prefix: bytes) -> None:
    with pytest.raises(MalformedBoard):
        parse_listing(b"{" + prefix + b"[" * 100_000 + b"]" * 100_000 + b"}", None)


def board_of(value: bytes, times: int) -> bytes:
    """An answer with so many of a value that is no post."""
    return b'{"jobs": [' + b",".join([value] * times) + b'], "meta": {"total": %d}}' % times


@pytest.mark.parametrize(
    ("value", "most"), [(b"1", 8_000_001), (b'{"a":' * 200 + b"1" + b"}" * 200, 10_000), (b"[[]]", 1_000_000)]
)
def test_more_values_than_memory_can_hold_are_refused_unread(value: bytes, most: int) -> None:
    with pytest.raises(BoardTooLarge):
        parse_listing(board_of(value, most), None)
    for asked in (count_jobs, partial(parse_board_name, otherwise="it")):
        with pytest.raises(BoardTooLarge):
            asked(board_of(value, most // 4 + 1))


UNREADABLE_TEXT = [
    b"null",
    b"7",
    b"true",
    b"[]",
    b"{}",
    b"NaN",
    b'"\\ud800"',
    b'"a\\udc00b"',
    b'"\xff"',
    b"9" * 5000,
]


@pytest.mark.parametrize("text", UNREADABLE_TEXT)
@pytest.mark.parametrize("field", ["title", "content"])
def test_a_post_whose_text_cannot_be_read_is_set_aside_alone(field: str, text: bytes) -> None:
    listing = parse_listing(with_raw(field, text), None)
    assert list(listing.posts) == [2]
    [aside] = listing.set_aside
    assert (aside.id, aside.title) == (1, None if field == "title" else "Engineer 1")
    assert aside.reason.endswith("Correct it in Greenhouse.")


def test_a_post_without_a_title_or_content_is_set_aside() -> None:
    for field in ("title", "content"):
        bare = {name: value for name, value in post(1).items() if name != field}
        assert [aside.id for aside in parse_listing(board(bare), None).set_aside] == [1]


@pytest.mark.parametrize("title", ["", "  ", "\u00a0\u2028", "\u0000", "\u200b", "\u0007\u007f"])
def test_a_title_in_which_nothing_can_be_seen_is_set_aside(title: str) -> None:
    assert parse_listing(board(post(1, title=title)), None).set_aside == (
        SetAside(1, None, "Its title is empty. Give it one in Greenhouse."),
    )


def test_a_title_or_content_beyond_its_bound_is_set_aside() -> None:
    assert parse_listing(board(post(1, title="x" * 500)), None).set_aside == ()
    [long_title] = parse_listing(board(post(1, title="x" * 501)), None).set_aside
    assert "500 characters" in long_title.reason
    assert long_title.title == "x" * 499 + "…"
    [long_content] = parse_listing(board(post(1, content="x" * 2_000_001)), None).set_aside
    assert "2,000,000 characters" in long_content.reason


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Engineer \t\n Berlin ", "Engineer Berlin"),
        ("Engineer\u00a0II", "Engineer II"),
        ("Engi\u0000neer", "Engineer"),
        ("Senior Health &amp; Protection Consultant", "Senior Health & Protection Consultant"),
        ("Caf&eacute;&#160;&#x1F469; <b> AT&T", "Café 👩 <b> AT&T"),
        ("Escaped twice: &amp;lt;", "Escaped twice: &lt;"),
        ("\u200b\ufeff Software\u00adentwickler:in \u200b", "Software\u00adentwickler:in"),
        ("Ingénieur 👩\u200d🔧", "Ingénieur 👩\u200d🔧"),
        ("a\u0007b", "a b"),
    ],
)
def test_a_title_is_one_line_of_plain_text(sent: str, kept: str) -> None:
    assert parse_listing(board(post(1, title=sent)), None).posts[1].post.title == kept


def test_entities_are_decoded_once_in_every_name() -> None:
    odd = post(
        1,
        location={"name": "Newcastle &amp; Gateshead"},
        departments=[{"id": 1, "name": "R&amp;D"}, {"id": 2, "name": "R&D"}, {"id": 3, "name": "&amp;lt;"}],
        offices=[{"id": 1, "name": "Caf&eacute;", "location": "A &#38; B"}],
        metadata=[
            {"name": "Q&amp;A", "value": ["Full &amp; part", True]},
            {"name": "Pay", "value": {"unit": "&euro;"}},
        ],
    )
    kept = parse_listing(board(odd), None).posts[1].post
    assert kept.location is not None
    assert kept.location.name == "Newcastle & Gateshead"
    assert [department.name for department in kept.departments] == ["R&D", "R&D", "&lt;"]
    assert [(office.name, office.location) for office in kept.offices] == [("Café", "A & B")]
    assert kept.metadata == (
        Metadata("Q&A", None, ["Full & part", True]),
        Metadata("Pay", None, {"unit": "€"}),
    )


@pytest.mark.parametrize(
    ("sent", "link"),
    [
        ("http://your.co/careers?gh_jid=444444", "https://your.co/careers?gh_jid=444444"),
        ("https://careers.acme.example:8443/?gh_jid=1", "https://careers.acme.example:8443/?gh_jid=1"),
        (
            "https://acme.example/jobs?t=Sr Manager | Ops",
            "https://acme.example/jobs?t=Sr%20Manager%20%7C%20Ops",
        ),
        (None, "https://boards.greenhouse.io/acme/jobs/4000123"),
        ("", "https://boards.greenhouse.io/acme/jobs/4000123"),
        ("/careers/4000123", "https://boards.greenhouse.io/acme/jobs/4000123"),
        ("javascript:alert(1)", "https://boards.greenhouse.io/acme/jobs/4000123"),
    ],
)
def test_a_post_without_a_link_that_works_leads_to_its_page_on_the_board(sent: str | None, link: str) -> None:
    listing = parse_listing(board(post(4000123, absolute_url=sent)), None, "acme")
    assert listing.posts[4000123].post.absolute_url == link


def test_a_post_of_a_european_board_leads_to_the_european_site() -> None:
    listing = parse_listing(board(post(4512345101, absolute_url=None)), None, "acme")
    page = "https://job-boards.eu.greenhouse.io/acme/jobs/4512345101"
    assert listing.posts[4512345101].post.absolute_url == page


def test_no_nul_reaches_the_portal() -> None:
    odd = post(1, content="a\0b", location={"name": "B\0"}, metadata=[{"name": "\0", "value": ["\0x", "y"]}])
    kept = parse_listing(board(odd, post(2, content="\\u0000")), None)
    assert kept.posts[1].post.content == "ab"
    assert kept.posts[1].post.metadata == (Metadata("", None, ["x", "y"]),)
    assert kept.posts[2].post.content == "\\u0000"
    assert "\0" not in repr(kept).replace("\\x00", "\0")


OPTIONAL = [name for name in post(1) if name not in {"id", "title", "content", "internal_job_id"}] + [
    "pay_input_ranges",
    "language",
    "include_ai_disclaimer",
    "ai_disclaimer",
    "ai_opt_out_request_url",
]
WEIRD = [
    b"true",
    b"7",
    b'"x"',
    b"[7]",
    b"[[[]]]",
    b'{"id": "x", "name": []}',
    b"NaN",
    b'"\\ud800"',
    b"9" * 5000,
    b"1e999",
]


@pytest.mark.parametrize("field", OPTIONAL)
@pytest.mark.parametrize("weird", WEIRD)
def test_an_odd_optional_field_never_loses_the_post(field: str, weird: bytes) -> None:
    body = board(post(1, **{field: "@@"}), post(2)).replace(b'"@@"', weird)
    assert sorted(parse_listing(body, None).posts) == [1, 2]


@pytest.mark.parametrize("weird", [b"true", b'"x"', b"[7]", b"%d" % 2**63])
def test_an_odd_internal_job_id_makes_no_prospect_post_of_a_job(weird: bytes) -> None:
    body = board(post(1, internal_job_id="@@"), post(2)).replace(b'"@@"', weird)
    listing = parse_listing(body, None)
    assert (sorted(listing.posts), [aside.id for aside in listing.set_aside]) == ([2], [1])


def test_what_can_be_read_beside_an_odd_field_is_kept() -> None:
    offices = [{"id": "x", "name": "Berlin", "location": None}, 7, {"id": 3, "name": "Rome"}]
    kept = parse_listing(board(post(1, offices=offices, location="Berlin")), None).posts[1].post
    assert kept.offices == (Office(None, "Berlin"), Office(3, "Rome"))
    assert kept.location is None
    assert kept.departments[0].name == "Engineering"
    assert kept.updated_at is not None


def test_what_a_post_says_of_pay_is_kept_also_beside_what_cannot_be_read() -> None:
    cents = {"min_cents": 450_000, "max_cents": 600_000, "currency_type": "EUR", "title": "Pay"}
    blurb = "<p>Monatliches Bruttogehalt</p>" * 50
    amount = {"name": "Salary", "value_type": "currency", "value": {"unit": "EUR", "amount": "52000.0"}}
    said = {"metadata": [amount], "pay_input_ranges": [cents | {"blurb": blurb}]}
    for odd in ({}, {"language": 7}):
        kept = parse_listing(board(post(1, **said, **odd)), None).posts[1].post
        assert kept.pay_input_ranges == (PayRange(450_000, 600_000, "EUR", "Pay", blurb),)
        assert kept.metadata == (Metadata("Salary", "currency", {"unit": "EUR", "amount": "52000.0"}),)


def test_a_moment_without_a_zone_or_beyond_the_calendar_is_missing() -> None:
    for moment in ("2024-05-01T10:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"):
        assert parse_listing(board(post(1, updated_at=moment)), None).posts[1].post.updated_at is None


def test_the_way_to_opt_out_is_asked_for_over_https() -> None:
    sent = post(1, include_ai_disclaimer=True, ai_opt_out_request_url="http://app.example.com/opt_out/29")
    kept = parse_listing(board(sent, post(2, ai_opt_out_request_url="javascript:x")), None)
    links = [each.post.ai_opt_out_request_url for each in kept.posts.values()]
    assert links == ["https://app.example.com/opt_out/29", None]


def test_a_fingerprint_ignores_what_is_not_imported() -> None:
    offices = [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]
    same = [
        {"offices": offices},
        {"offices": offices[::-1]},
        {"offices": offices, "updated_at": "2025-01-01T00:00:00Z", "education": "none", "unknown": [1]},
    ]
    assert len({fingerprint(**fields) for fields in same}) == 1
    spaced = json.dumps(json.loads(board(post(1))), indent=4, sort_keys=True).encode()
    assert parse_listing(spaced, None).posts[1].fingerprint == fingerprint()


def test_a_fingerprint_is_the_same_however_patiently_the_post_was_read() -> None:
    patient = board(post(1), post(2, title="\ud800"))
    assert parse_listing(patient, None).posts[1].fingerprint == fingerprint()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Other"},
        {"content": "Other"},
        {"internal_job_id": None},
        {"absolute_url": None},
        {"location": {"name": "Rome"}},
        {"departments": []},
        {"offices": []},
        {"metadata": [{"name": "Type", "value": "Full-time"}]},
        {"pay_input_ranges": [{"min_cents": 1, "max_cents": 2, "currency_type": "EUR"}]},
        {"language": "de"},
        {"include_ai_disclaimer": True},
        {"ai_disclaimer": "<p>Tools</p>"},
        {"ai_opt_out_request_url": "https://app.example.com/opt_out"},
        {"requisition_id": "R1"},
        {"application_deadline": "2026-01-01"},
        {"first_published": "2024-05-01T10:00:00Z"},
    ],
)
def test_a_fingerprint_tells_every_imported_field(fields: dict[str, Any]) -> None:
    assert fingerprint(**fields) != fingerprint()


@pytest.mark.parametrize("series", series_names())
def test_each_answer_of_a_series_is_read_fully(series: str) -> None:
    for body in bodies(series):
        listing = parse_listing(body, None)
        sent = json.loads(body)["jobs"]
        assert listing.set_aside == ()
        assert {listed.post.id: listed.post.content for listed in listing.posts.values()} == {
            job["id"]: job["content"] for job in sent
        }
        assert [" ".join(unescape(job["title"]).split()) for job in sent] == [
            listing.posts[job["id"]].post.title for job in sent
        ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
POSTS = st.builds(
    lambda number, odd: post(number) | odd,
    st.integers(1, 5) | JSON,
    st.dictionaries(st.sampled_from(sorted(post(1))), JSON, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(POSTS, max_size=4), st.none() | JSON)
def test_any_json_is_a_listing_or_a_typed_error(posts: list[object], total: object) -> None:
    try:
        listing = parse_listing(board(*posts, total=total), None)
    except GreenhouseError:
        return
    assert len(listing.posts) + len(listing.set_aside) == len(posts)
    for listed in listing.posts.values():
        assert listed.post.title.strip()
        assert b"\\u0000" not in msgspec.json.encode(listed.post)


@given(st.binary() | st.binary().map(lambda noise: board(post(1))[:200] + noise + board(post(1))[200:]))
def test_any_bytes_are_a_listing_or_a_typed_error(body: bytes) -> None:
    with contextlib.suppress(GreenhouseError):
        assert isinstance(parse_listing(body, None), Listing)
