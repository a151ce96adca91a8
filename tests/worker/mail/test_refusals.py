"""A mail that is refused, or whose server fails, is tried again, and keeps no other waiting."""

import pytest
from flask import Flask

from portal.actions.mails import MOST_ATTEMPTS, Limits
from portal.models.base import utc_now
from portal.worker.mail import pause_after
from tests.support.databases import on_sqlite
from tests.support.mailing import SHORT, attempts, come_due, read, send, stored, timely, use
from tests.support.processes import wait_until
from tests.support.smtp_server import Instead, SmtpServer


@on_sqlite
def test_a_mail_that_is_refused_for_now_is_tried_ever_more_rarely_and_given_up_in_the_end(
    smtp: SmtpServer, mail_id: int
) -> None:
    smtp.replies["DATA"] = "451 4.3.0 later"
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        assert send()
        [mail] = stored()
        pauses.append(round((mail.not_before - utc_now()).total_seconds() / 60) if mail.not_before else None)
        come_due()
    assert pauses == [1, 4, 16, 64, None]
    assert mail.last_error == "DATA answered 451 4.3.0"
    smtp.replies.clear()
    send()
    assert smtp.received == []


@on_sqlite
@pytest.mark.parametrize("command", ["RCPT", "DATA", "CONTENT"])
def test_a_mail_that_is_refused_for_good_is_given_up_at_once_and_no_other_with_it(
    smtp: SmtpServer, three: list[str], command: str, caplog: pytest.LogCaptureFixture
) -> None:
    if command == "RCPT":
        smtp.refused.add(three[1])
        assert send()
        assert sorted(read(raw)["To"] for raw in smtp.received) == sorted(three[::2])
    else:
        smtp.replies[command] = "554 5.6.0 no"
        assert send()
    given_up = stored()
    assert {(mail.not_before, mail.attempt) for mail in given_up} == {(None, 1)}
    assert len(given_up) == (1 if command == "RCPT" else 3)
    assert caplog.text.count("mail_given_up") == len(given_up)


BEFORE_THE_OFFER = [
    ("CONNECT", Instead.SILENCE),
    ("CONNECT", Instead.DRIP),
    ("CONNECT", Instead.CLOSE),
    ("CONNECT", "554 not you"),
    ("EHLO", Instead.SILENCE),
    ("AUTH", "535 5.7.8 wrong password"),
    ("MAIL", "421 too busy"),
    ("MAIL", "530 5.7.0 sign in first"),
    ("MAIL", Instead.DRIP),
]


@on_sqlite
@pytest.mark.parametrize(("command", "reply"), BEFORE_THE_OFFER)
def test_a_mail_server_that_cannot_be_used_is_tried_once_and_costs_no_mail_an_attempt(
    app: Flask, smtp: SmtpServer, three: list[str], command: str, reply: str | Instead
) -> None:
    use(app, f"smtp://mailer:password@127.0.0.1:{smtp.port}")
    smtp.replies[command] = reply
    before = [mail.not_before for mail in stored()]
    assert not timely(SHORT, SHORT.offer)
    assert smtp.connections == 1
    assert attempts() == [0, 0, 0]
    assert [mail.not_before for mail in stored()] == before
    assert [bool(mail.last_error) for mail in stored()] == [True, False, False]
    smtp.replies.clear()
    assert send()
    assert len(smtp.received) == 3


@on_sqlite
@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://mail.invalid", "smtp://mail..invalid"])
def test_a_mail_server_that_is_not_there_costs_no_mail_an_attempt(app: Flask, mail_id: int, url: str) -> None:
    use(app, url)
    assert not send()
    assert attempts() == [0]


BROKEN_OFF = [
    ("RCPT", "421 too busy"),
    ("RCPT", Instead.CLOSE),
    ("CONTENT", Instead.CLOSE),
    ("CONTENT", Instead.SILENCE),
    ("CONTENT", Instead.DRIP),
    ("CONTENT", "garbage"),
]


@on_sqlite
@pytest.mark.parametrize(("command", "reply"), BROKEN_OFF)
def test_after_a_connection_that_broke_the_others_are_put_back_untried_and_go_first_next_time(
    smtp: SmtpServer, three: list[str], command: str, reply: str | Instead
) -> None:
    smtp.replies[command] = reply
    only_the_answer_is_late = Limits(accept=SHORT.accept)
    assert not timely(only_the_answer_is_late, SHORT.offer + SHORT.accept)
    assert smtp.connections == 1
    assert attempts() == [1, 0, 0]
    smtp.replies.clear()
    assert send()
    assert [read(raw)["To"] for raw in smtp.received] == three[1:]


@on_sqlite
@pytest.mark.parametrize(
    "farewell", ["421 too busy", "500 what?", "garbage", Instead.CLOSE, Instead.SILENCE, Instead.DRIP]
)
def test_what_was_accepted_is_sent_however_the_server_takes_leave(
    smtp: SmtpServer, mail_id: int, farewell: str | Instead
) -> None:
    smtp.replies["QUIT"] = farewell
    for _ in range(MOST_ATTEMPTS):
        assert send()
        come_due()
    assert len(smtp.received) == 1
    assert stored() == []


@on_sqlite
def test_the_answer_to_the_mail_itself_may_take_far_longer_than_the_others(
    smtp: SmtpServer, mail_id: int
) -> None:
    smtp.delays["CONTENT"] = 1.5
    assert send(Limits(offer=1.0, accept=30.0))
    assert len(smtp.received) == 1
    assert stored() == []


@on_sqlite
def test_a_double_is_the_same_mail_to_its_receiver(smtp: SmtpServer, mail_id: int) -> None:
    smtp.delays["CONTENT"] = 0.3
    assert not send(Limits(offer=30.0, accept=0.1)), "it is accepted, but nobody waits for the answer"
    wait_until(lambda: smtp.received, "the mail to be accepted all the same")
    smtp.delays.clear()
    come_due()
    assert send()
    first, second = smtp.received
    assert first == second
    assert read(first)["Message-ID"]


@on_sqlite
def test_a_mail_server_that_fails_is_asked_ever_more_rarely() -> None:
    pauses = [pause_after(failures) for failures in range(1000)]
    assert pauses == sorted(pauses)
    assert (pauses[1] / pauses[0], pauses[-1] / pauses[0]) == (2, 60)
