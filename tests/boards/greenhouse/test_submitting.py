"""An application on its way: how it is written, and what each answer says of whether it was taken."""

import socket
from email import message_from_bytes
from email.message import Message

import pytest

from portal.boards.errors import (
    AnswerUnclear,
    ApplicationRefused,
    BoardUnavailable,
    GreenhouseError,
    KeyRefused,
    PostClosed,
)
from portal.boards.greenhouse.applications import multipart
from portal.boards.greenhouse.client import GreenhouseClient
from portal.domain.applications.files import File
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from tests.support.application_files import PDF
from tests.support.fault_server import Fault, FaultServer, black_hole
from tests.support.faults import (
    empty,
    html,
    plain,
    redirect,
    reset_at,
    silence,
    slow_headers,
    status,
    truncate,
)

TOKEN, KEY = BoardToken("acme"), ApiKey("a-key-of-some-thirty-characters")
TAKEN = plain(b'{"success":"Candidate saved successfully"}')
PARTS = [("first_name", 'Ada "x"\r\nX-Evil: 1'), ("question_2[]", "1"), ("question_2[]", "2")]
FILES = [File("resume", "Lebenslauf Müller.pdf", "pdf", PDF)]


def submit(url: str, seconds: float = 10.0) -> None:
    GreenhouseClient(url, deadline=seconds).submit(TOKEN, 7, KEY, PARTS, FILES)


def read_parts(body: bytes, content_type: str) -> list[Message]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return [part for part in message.walk() if not part.is_multipart()]


def test_every_part_arrives_as_it_is_and_nothing_of_it_becomes_a_header(greenhouse: FaultServer) -> None:
    greenhouse.answer(TAKEN)
    submit(greenhouse.url)
    (request,) = greenhouse.requests
    assert (request.method, request.path) == ("POST", "/acme/jobs/7")
    assert request.headers["authorization"].startswith("Basic ")
    parts = read_parts(request.body, request.headers["content-type"])
    said = [
        (part.get_param("name", header="content-disposition"), part.get_payload(decode=True))
        for part in parts
    ]
    assert said == [*((name, value.encode()) for name, value in PARTS), ("resume", PDF)]
    assert all("X-Evil" not in part for part in parts)
    assert parts[-1].get_content_type() == "application/pdf"


def test_a_name_with_quotes_and_line_breaks_stays_in_its_header() -> None:
    body, content_type = multipart(
        [('a"\r\nX-Evil: 1', "b")], [File("resume", 'a"b\r\nX: y.pdf', "pdf", PDF)]
    )
    parts = read_parts(body, content_type)
    assert len(parts) == 2
    assert all(set(part.keys()) <= {"Content-Disposition", "Content-Type"} for part in parts)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (status(401, body=b"HTTP Basic: Access denied."), KeyRefused),
        (status(403), KeyRefused),
        (status(404), PostClosed),
        (status(422, body=b'{"error":"Invalid attributes: phone"}'), ApplicationRefused),
        (status(413, body=b"<html>"), ApplicationRefused),
        (status(429, retry_after="7"), BoardUnavailable),
    ],
)
def test_an_answer_that_says_no_says_that_nothing_was_taken(
    greenhouse: FaultServer, fault: Fault, error: type[GreenhouseError]
) -> None:
    greenhouse.answer(fault)
    with pytest.raises(error) as refused:
        submit(greenhouse.url)
    assert not refused.value.may_have_arrived


def test_greenhouses_own_words_are_kept_apart_from_the_sentence(greenhouse: FaultServer) -> None:
    greenhouse.answer(status(422, body=b'{"errors":["Email ada@example.com is invalid"]}'))
    with pytest.raises(ApplicationRefused) as refused:
        submit(greenhouse.url)
    assert "ada@example.com" not in str(refused.value)
    assert "ada@example.com" in refused.value.said


@pytest.mark.parametrize(
    "fault",
    [
        status(500),
        status(503, retry_after="5"),
        status(302),
        html,
        empty,
        plain(b'{"error": "no"}'),
        reset_at(-1, b""),
        truncate(b'{"success":"Candidate saved successfully"}', 9),
        redirect("https://elsewhere.example/"),
    ],
)
def test_an_answer_that_does_not_tell_leaves_it_open(greenhouse: FaultServer, fault: Fault) -> None:
    greenhouse.answer(fault)
    with pytest.raises(GreenhouseError) as unclear:
        submit(greenhouse.url)
    assert unclear.value.may_have_arrived
    assert len(greenhouse.requests) == 1


@pytest.mark.parametrize("fault", [silence, slow_headers])
def test_an_answer_that_does_not_come_in_time_leaves_it_open(greenhouse: FaultServer, fault: Fault) -> None:
    greenhouse.answer(fault)
    with pytest.raises(BoardUnavailable) as late:
        submit(greenhouse.url, 0.3)
    assert late.value.may_have_arrived


def test_a_server_that_reads_nothing_leaves_it_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(BoardUnavailable) as late:
        submit(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.3)
    assert late.value.may_have_arrived


def test_where_no_connection_comes_about_nothing_was_sent(greenhouse: FaultServer) -> None:
    with greenhouse.refusing(), pytest.raises(BoardUnavailable) as refused:
        submit(greenhouse.url)
    assert not refused.value.may_have_arrived
    with black_hole() as url, pytest.raises(BoardUnavailable) as hung:
        submit(url, 0.3)
    assert not hung.value.may_have_arrived
    with pytest.raises(BoardUnavailable) as nameless:
        submit("http://no-such-host.invalid")
    assert not nameless.value.may_have_arrived


def test_an_unclear_answer_names_its_status(greenhouse: FaultServer) -> None:
    greenhouse.answer(status(500))
    with pytest.raises(AnswerUnclear, match="500"):
        submit(greenhouse.url)
