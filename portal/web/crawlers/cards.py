"""Serve the share image of a job: cached by what it shows, so that other changes render nothing."""

import hashlib
from http import HTTPStatus
from threading import Lock
from typing import Final

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from portal.db import end_read
from portal.domain.jobs.fields import Visibility
from portal.domain.jobs.public_words import MainFacts, main_facts
from portal.models import Job, Organisation
from portal.store.jobs import PageJob, is_open, job_of, merged_into
from portal.store.public.logos import logo_content
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.crawlers.share_image import EDITION, Card, draw
from portal.web.errors import BUSY, retry_later
from portal.web.extensions import limiter
from portal.web.public.page_cache import PATIENCE
from portal.web.public.pages import FOR_EVERYBODY
from portal.web.responses import too_often
from portal.web.templating import today_in

PER_NETWORK: Final = "120 per minute"
"""Images that are drawn, not those that are cached: one takes a tenth of a second."""
_drawn: Final = LRUCache[bytes](16 * 2**20, len)
_turn: Final = Lock()
"""One at a time is drawn in a process, so that many who ask leave pages their processor."""


def card_address(address: str, org: Organisation, job: PageJob, facts: MainFacts) -> str:
    """Return where other sites find the image of the job whose page is at ``address``.

    It changes with what the image shows.
    """
    return f"{address}/card.png?v={card_hash(org, job, facts)[:8]}"


def card_hash(org: Organisation, job: PageJob, facts: MainFacts) -> str:
    """Return what tells the image from others."""
    said = (EDITION, job.title, job.language, org.name, _said(facts), org.logo_hash)
    return hashlib.sha256(repr(said).encode(errors="surrogatepass")).hexdigest()[:16]


def _said(facts: MainFacts) -> tuple[str, ...]:
    return tuple(fact for fact in facts if fact)


@bp.get("/<int:job_id>/card.png")
def card(org: Organisation, job_id: int) -> ResponseReturnValue:
    """The image, for jobs that everybody sees; others are gone or not there, as their pages are."""
    job = job_of(org.id, job_id)
    if job is None:
        return _other(org, job_id)
    if job.visibility != Visibility.SHOWN:
        abort(HTTPStatus.NOT_FOUND)
    if not is_open(job, today_in(org.time_zone)):
        abort(HTTPStatus.GONE)
    response = Response(mimetype="image/png")
    response.headers["Cache-Control"] = FOR_EVERYBODY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    facts = main_facts(job)
    name = card_hash(org, job, facts)
    response.set_etag(name)
    response.make_conditional(request)
    if response.status_code == HTTPStatus.OK:
        try:
            image = _image(org, job, facts, name)
        except RateLimitExceeded:
            return too_often(Response(status=HTTPStatus.TOO_MANY_REQUESTS))
        if image is None:
            return retry_later(HTTPStatus.SERVICE_UNAVAILABLE, *BUSY)
        response.data = image
    return response


def _other(org: Organisation, job_id: int) -> ResponseReturnValue:
    other = merged_into(org.id, job_id)
    if other is None or other.visibility != Visibility.SHOWN:
        abort(HTTPStatus.NOT_FOUND)
    answer = redirect(url_for("jobs.card", org=org.slug, job_id=other.id), HTTPStatus.MOVED_PERMANENTLY)
    answer.headers["Cache-Control"] = "no-cache"  # a pair can be taken apart again
    return answer


def _image(org: Organisation, job: Job, facts: MainFacts, name: str) -> bytes | None:
    """Return the image, drawn or cached; ``None`` where too many others are being drawn."""
    drawn = _drawn.get(name)
    if drawn is not None:
        return drawn
    _count_drawing()
    logo = logo_content(org.id, "png") if org.logo_hash else None
    size = (org.logo_width or 1, org.logo_height or 1)
    card = Card(job.title, job.language, org.name, _said(facts), logo[1] if logo else None, size)
    end_read()  # who waits holds no connection
    if not _turn.acquire(timeout=PATIENCE):
        return None
    try:
        return _drawn.get_or_make(name, lambda: draw(card))
    finally:
        _turn.release()


@limiter.shared_limit(lambda: PER_NETWORK, "share images")
def _count_drawing() -> None:
    """Count an image that is drawn. Raises ``RateLimitExceeded``."""
