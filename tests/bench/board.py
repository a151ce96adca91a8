"""Made-up boards of any size: 6 KB of escaped HTML a post, the same for the same number."""

import html
import json
import random
from typing import Any

CONTENT_BYTES = 6000
DEPARTMENTS = ["Engineering", "Design", "Sales", "Support", "People", "Finance"]
CITIES = ["Berlin, Germany", "Lisbon, Portugal", "Aberdeen, Scotland", "Esbjerg, Denmark", "Toronto, Canada"]
VERBS = ["calibrate", "measure", "assemble", "document", "review", "plan", "repair", "explain"]
THINGS = ["anemometers", "masts", "forecasts", "field reports", "spare parts", "data loggers", "contracts"]
WHYS = ["before the winter storms", "for customers at sea", "so that nobody waits", "with a small team"]

Post = dict[str, Any]


def post(number: int, revision: int = 0, content: str | None = None) -> Post:
    """Return job post ``number``; another ``revision`` has another title and one more paragraph.

    Without ``content`` it has one of its own, which takes most of the time to make and to clean.
    """
    rng = random.Random(number)
    title = f"{rng.choice(['Junior', 'Senior', 'Lead'])} {rng.choice(DEPARTMENTS)} Specialist {number}"
    return {
        "id": 4_000_000_000 + number,
        "internal_job_id": 3_000_000_000 + number,
        "title": f"{title} (r{revision})" if revision else title,
        "updated_at": f"2026-{1 + number % 12:02}-{1 + number % 28:02}T09:00:00-04:00",
        "first_published": f"2025-{1 + number % 12:02}-{1 + number % 28:02}T09:00:00-04:00",
        "requisition_id": f"R-{number}",
        "location": {"name": rng.choice(CITIES)},
        "absolute_url": f"https://jobs.example.test/{number}",
        "language": "en",
        "metadata": [
            {"id": 1, "name": "Employment Type", "value": "Full-time", "value_type": "single_select"},
            {"id": 2, "name": "Workplace", "value": ["Hybrid"], "value_type": "multi_select"},
        ],
        "content": _content(rng, revision) if content is None else content,
        "departments": [{"id": 1, "name": rng.choice(DEPARTMENTS), "parent_id": None, "child_ids": []}],
        "offices": [{"id": 2, "name": "Office", "location": rng.choice(CITIES), "parent_id": None}],
    }


def _content(rng: random.Random, revision: int) -> str:
    parts = ["<p><strong>About us</strong></p>"]
    size = 0
    while size < CONTENT_BYTES:
        items = "".join(f"<li>{_sentence(rng)}</li>\n" for _ in range(4))
        block = (
            f'<h3>What you&rsquo;ll do</h3>\n<p style="margin: 0">{_sentence(rng)}&nbsp;</p>\n'
            f'<ul>\n{items}</ul>\n<p><a href="https://example.test/{rng.random()}">Read more</a></p>\n'
        )
        parts.append(block)
        size += len(html.escape(block))
    if revision:
        parts.append(f"<p>Revision {revision}.</p>")
    return html.escape("".join(parts))


def _sentence(rng: random.Random) -> str:
    first, second = (f"{rng.choice(VERBS)} {rng.choice(THINGS)}" for _ in range(2))
    return f"You {first} and {second} {rng.choice(WHYS)}."


def board(size: int, revision: int = 0) -> bytes:
    """Return a board's answer. With a revision 0.8 % are edited, 0.1 % gone and 0.1 % new."""
    edited = set(range(0, size, 125)) if revision else set()
    gone = set(range(1, size, 1000)) if revision else set()
    posts = [post(n, revision if n in edited else 0) for n in range(size) if n not in gone]
    posts += [post(size + n) for n in range(len(gone))]
    return json.dumps({"jobs": posts, "meta": {"total": len(posts)}}, separators=(",", ":")).encode()
