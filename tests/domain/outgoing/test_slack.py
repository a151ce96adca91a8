"""Messages for Slack."""

import json

from portal.domain.outgoing.events import Changes, EventType, Sender, ToldJob
from portal.domain.outgoing.slack import MOST_NAMED, slack_body

SENDER = Sender("acme", "A & <B>", "https://jobs.example/orgs/acme/jobs", "https://jobs.example/api")


def opened(*titles: str) -> Changes:
    changes = Changes()
    for number, title in enumerate(titles, start=1):
        changes.compare({"id": number, "title": title, "location": "Oslo"}, None)
    return changes


def sections(body: str) -> list[str]:
    return [block["text"]["text"] for block in json.loads(body)["blocks"]]


def test_one_message_says_what_opened_and_what_closed() -> None:
    changes = opened("Welder")
    changes.close(7, ToldJob("", "Painter"), "https://jobs.example/7")
    body = slack_body(SENDER, changes, [EventType.OPENED, EventType.CLOSED])
    assert json.loads(body)["text"] == "A &amp; &lt;B&gt;: 1 job opened, 1 job closed"
    first, second = sections(body)
    assert "• <https://jobs.example/orgs/acme/jobs/1|Welder> · Oslo" in first
    assert second.endswith("• Painter")  # its page is gone


def test_a_title_makes_no_link_and_pings_nobody() -> None:
    title = "<!channel> <@U123> <https://evil.example|x> & Co\n*bold*"
    body = slack_body(SENDER, opened(title), [EventType.OPENED])
    [said] = sections(body)
    assert "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|x&gt; &amp; Co *bold*" in said
    assert said.count("<") == 1  # the portal's own link
    assert json.loads(body)["blocks"][0]["text"]["verbatim"] is True


def test_of_many_jobs_the_first_are_named_and_the_others_counted() -> None:
    body = slack_body(SENDER, opened(*["&" * 400] * 10_000), [EventType.OPENED])
    [said] = sections(body)
    assert said.count("\n•") == MOST_NAMED + 1
    assert "9,985 more" in said


def test_a_section_is_as_short_as_slack_asks() -> None:
    changes = opened(*["Very long title " * 20] * 100)
    assert max(map(len, sections(slack_body(SENDER, changes, [EventType.OPENED])))) <= 3000
