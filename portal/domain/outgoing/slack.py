"""Messages in the format of Slack's incoming webhooks, which Mattermost, Discord and others read as well."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from portal.domain.outgoing.events import Changes, EventType, JobEvent, Sender
from portal.domain.texts import cut_line

MOST_NAMED: Final = 15  # jobs under a heading: Slack takes 3,000 characters there
LONGEST_TITLE: Final = 80
LONGEST_NAME: Final = 120
_HEADINGS: Final = {
    EventType.OPENED: ("job opened", "jobs opened"),
    EventType.CHANGED: ("job changed", "jobs changed"),
    EventType.CLOSED: ("job closed", "jobs closed"),
}


def escaped(text: str) -> str:
    """Return a text that Slack shows as it is: it makes no link, and no ping such as ``<!channel>``."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_body(sender: Sender, changes: Changes, types: Iterable[str]) -> str:
    """Return one message of all that changed, the first jobs of each kind by their titles."""
    wanted = [kind for kind in _HEADINGS if kind in set(types) and changes.counts[kind]]
    told = ", ".join(_heading(kind, changes.counts[kind]) for kind in wanted)
    sections = [_section(sender, changes.events[kind], kind, changes.counts[kind]) for kind in wanted]
    return _message(f"{_name(sender)}: {told}", sections)


def slack_trial_body(sender: Sender) -> str:
    """Return a message to try a receiver with."""
    text = f"This is a test: jobs of {_name(sender)} will be told of here."
    return _message(text, [f"{text} {_link(sender.jobs_page, 'See the jobs')}"])


def _section(sender: Sender, events: Sequence[JobEvent], kind: EventType, count: int) -> str:
    named = [_line(sender, event) for event in events[:MOST_NAMED]]
    if count > len(named):
        named.append(f"• and {count - len(named):,} more: {_link(sender.jobs_page, 'all jobs')}")
    return "\n".join([f"*{_heading(kind, count)}* at {_name(sender)}", *named])


def _line(sender: Sender, event: JobEvent) -> str:
    title = cut_line(event.title, LONGEST_TITLE)
    if event.type is EventType.CLOSED:  # its page is gone
        return f"• {escaped(title)}"
    place = event.data.get("location")
    where = f" · {escaped(cut_line(str(place), LONGEST_TITLE))}" if place else ""
    return f"• {_link(sender.job_page(event.job_id), title)}{where}"


def _link(address: str, words: str) -> str:
    return f"<{escaped(address)}|{escaped(words)}>"


def _name(sender: Sender) -> str:
    return escaped(cut_line(sender.name, LONGEST_NAME))


def _heading(kind: EventType, count: int) -> str:
    one, many = _HEADINGS[kind]
    return f"{count:,} {one if count == 1 else many}"


def _message(text: str, sections: Sequence[str]) -> str:
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": section, "verbatim": True}}
        for section in sections
    ]
    return json.dumps({"text": text, "blocks": blocks}, ensure_ascii=False)
