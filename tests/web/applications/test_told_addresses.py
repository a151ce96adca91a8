"""Feeds, the API, webhooks and search engines are told to apply here exactly as long as people do."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.actions.applications.switch import note_rejected_key, switch_apply_here
from portal.actions.changing import changing
from portal.db import end_read, session
from portal.models import Connection, Job
from portal.store.connections import locked_connection
from tests.support.app import Cast, PortalClient
from tests.support.applying import SHORT
from tests.support.receivers import add, messages, tell

Address = Callable[[int], str]
JOBS = "/orgs/northwind/jobs"
TAIL = "?gh_src=fair&utm_source=mail"


def told(client: PortalClient, job_id: int) -> dict[str, str]:
    """Where each program is told to apply for a job."""
    api = f"/api/v1{JOBS}"
    [listed] = [job for job in client.get(api + TAIL).json["jobs"] if job["id"] == job_id]
    [item] = [
        item
        for item in client.get(f"{JOBS}.json{TAIL}").json["items"]
        if item["url"].partition("?")[0].endswith(f"/{job_id}")
    ]
    linkedin = client.get(f"{JOBS}.xml{TAIL.replace('?', '?for=linkedin&')}").text
    links = re.findall(r"<applyUrl><!\[CDATA\[(.*?)\]\]></applyUrl>", linkedin)
    return {
        "list": listed["apply_url"],
        "job": client.get(f"{api}/{job_id}{TAIL}").json["apply_url"],
        "feed": item["external_url"],
        "linkedin": next((link for link in links if link == listed["apply_url"]), ""),
    }


def posting(client: PortalClient, job_id: int) -> dict[str, Any]:
    page = client.get(f"{JOBS}/{job_id}").text
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    said: dict[str, Any] = json.loads(text)
    return said


def test_programs_are_told_the_address_that_people_apply_at(
    app: Flask, cast: Cast, client: PortalClient, address: Address, apply_here: Connection
) -> None:
    path = address(SHORT)
    job_id = int(path.split("/")[-2])
    with app.app_context(), changing(cast.northwind.id) as change:
        job = change.session.get_one(Job, job_id)
        job.location, job.description_html, job.revision = "Lisbon, Portugal", "<p>Work.</p>", change.revision
    own = client.get(f"{JOBS}.json").headers["ETag"]
    assert set(told(client, job_id).values()) == {f"http://localhost{path}{TAIL}"}
    assert posting(client, job_id)["directApply"] is True
    with app.app_context():
        switch_apply_here(apply_here, on=False)
        external = session().scalar(select(Job.apply_url).where(Job.id == job_id))
        end_read()
    assert set(told(client, job_id).values()) == {f"{external}{TAIL}"}
    assert posting(client, job_id)["directApply"] is False
    assert client.get(f"{JOBS}.json").headers["ETag"] != own


def test_receivers_hear_that_people_apply_elsewhere_from_now_on(
    app: Flask, cast: Cast, address: Address, apply_here: Connection
) -> None:
    page = f"http://127.0.0.1:8000{address(SHORT).removesuffix('/apply')}"
    with app.app_context():
        add(cast.northwind, cast.mara, "https://receiver.example/hooks")
        with changing(cast.northwind.id) as change:
            note_rejected_key(locked_connection(apply_here.id), change)
        tell()
        with changing(cast.northwind.id) as change:
            locked_connection(apply_here.id).key_rejected_at = None
            change.raise_revision()
        switch_apply_here(apply_here, on=True)
        tell()
        jobs = [json.loads(message.body)["data"]["job"] for message in messages()]
        [elsewhere, here] = [job["apply_url"] for job in jobs if job["url"] == page]
    assert here == f"{page}/apply"
    assert elsewhere.startswith("https://northwind.example/jobs/")
