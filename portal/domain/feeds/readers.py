"""Feeds for feed readers: Atom (RFC 4287) and JSON Feed 1.1, job by job."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final

from portal.domain.feeds.jobs import DECLARATION, Feed, FeedJob, element, timestamp, valid
from portal.domain.languages import direction_of

_JSON_FEED: Final = "https://jsonfeed.org/version/1.1"


def atom(feed: Feed, jobs: Iterable[FeedJob]) -> Iterator[str]:
    """Yield an Atom feed in pieces."""
    uri = element("uri", feed.website) if feed.website else ""
    yield "\n".join(
        (
            f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">',
            element("id", feed.own_address),
            element("title", feed.title),
            *([element("subtitle", feed.summary)] if feed.summary else []),
            element("updated", timestamp(feed.updated)),
            f"<author>{element('name', feed.organisation)}{uri}</author>",
            *([element("logo", feed.logo)] if feed.logo else []),
            element("link", rel="self", type="application/atom+xml", href=feed.own_address),
            element("link", rel="alternate", type="text/html", href=feed.address),
            element("generator", feed.site_name, uri=feed.site_address),
            "",
        )
    )
    for job in jobs:
        yield _entry(job)
    yield "</feed>\n"


def _entry(job: FeedJob) -> str:
    labels = dict.fromkeys(filter(None, (job.department, *job.tags)))
    parts = [
        element("id", job.id_address),
        element("title", job.title),
        element("link", rel="alternate", type="text/html", href=job.address),
        element("published", timestamp(job.opened_at)),
        element("updated", timestamp(job.updated)),
        *(element("category", term=label) for label in labels if valid(label)),
        *([element("link", rel="related", title="Apply", href=job.apply_url)] if job.apply_url else []),
        *([element("summary", job.summary)] if job.summary else []),
        element("content", _content(job), type="html"),
    ]
    language = f' xml:lang="{escape(job.language)}"' if job.language else ""
    return "\n".join((f"<entry{language}>", *parts, "</entry>\n"))


def json_feed(feed: Feed, jobs: Iterable[FeedJob]) -> Iterator[str]:
    """Yield a JSON Feed in pieces."""
    head = {
        "version": _JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.address,
        "feed_url": feed.own_address,
        **({"description": feed.summary} if feed.summary else {}),
        "language": feed.language,
        **({"icon": feed.logo} if feed.logo else {}),
        "authors": [_author(feed)],
    }
    yield f'{_text(head)[:-1]}, "items": ['
    separator = "\n"
    for job in jobs:
        yield f"{separator}{_text(_item(job))}"
        separator = ",\n"
    yield "\n]}\n"


def _author(feed: Feed) -> dict[str, str]:
    said = {"name": feed.organisation, "url": feed.website, "avatar": feed.logo}
    return {name: value for name, value in said.items() if value}


def _item(job: FeedJob) -> dict[str, Any]:
    optional = {
        "external_url": job.apply_url,
        "summary": job.summary,
        "tags": list(dict.fromkeys(filter(None, (job.department, *job.tags)))),
        "language": job.language,
    }
    return {
        "id": job.id_address,
        "url": job.address,
        "title": job.title,
        "content_html": _content(job),
        "date_published": timestamp(job.opened_at),
        "date_modified": timestamp(job.updated),
        **{name: value for name, value in optional.items() if value},
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _content(job: FeedJob) -> str:
    """The facts, then the description, which says by itself which way it runs."""
    facts = f"<p>{escape(' · '.join(job.facts), quote=False)}</p>" if job.facts else ""
    if direction_of(job.description_html, job.language) == "rtl":
        return f'{facts}<div dir="rtl">{job.description_html}</div>'
    return facts + job.description_html
