"""Messages are signed by secrets that are stored encrypted and replaced without a gap."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from standardwebhooks.webhooks import WebhookVerificationError

from portal.actions.outgoing import endpoints
from portal.actions.outgoing.endpoints import Wanted
from portal.actions.sync import credentials
from portal.config import current_settings
from portal.db import write
from portal.domain.outgoing.events import Format
from portal.models.base import utc_now
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.fault_server import FaultServer
from tests.support.receivers import add, deliver, endpoint, make_due, messages, tell, verified


@on_sqlite
def test_a_message_arrives_once_and_its_signature_is_good(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job(title="Schweißer ✨")
    tell()
    assert deliver() == 1
    [request] = receiver.requests
    content = verified(request, hook[1])
    assert (content["type"], content["data"]["job"]["title"]) == ("job.opened", "Schweißer ✨")
    [message] = messages()
    assert request.headers["webhook-id"] == message.message_id
    assert (message.status, message.answer_code, message.attempt) == ("delivered", 204, 1)
    assert message.answer_ms is not None
    assert message.tried_at is not None
    make_due()
    assert deliver() == 0


@on_sqlite
def test_no_other_secret_verifies_a_message(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    deliver()
    with pytest.raises(WebhookVerificationError):
        verified(receiver.requests[0], f"whsec_{'A' * 43}=")


@on_sqlite
def test_for_a_day_both_secrets_verify_what_is_sent(
    cast: Cast, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    endpoint_id, old = hook
    seen = endpoint(endpoint_id).secret_set_at
    new = endpoints.replace_secret(cast.northwind.id, endpoint_id, seen)
    assert new is not None
    assert endpoints.replace_secret(cast.northwind.id, endpoint_id, seen) is None  # a double click
    make_job()
    tell()
    deliver()
    assert verified(receiver.requests[0], old) == verified(receiver.requests[0], new)
    assert len(receiver.requests[0].headers["webhook-signature"].split()) == 2
    with write():
        row = endpoint(endpoint_id)
        row.old_secrets = [each | {"until": utc_now().isoformat()} for each in row.old_secrets]
    make_job()
    tell()
    deliver()
    verified(receiver.requests[1], new)
    with pytest.raises(WebhookVerificationError):
        verified(receiver.requests[1], old)


@on_sqlite
def test_slack_gets_a_message_without_signature(cast: Cast, receiver: FaultServer, make_job: MakeJob) -> None:
    add(cast.northwind, cast.mara, receiver.url, Format.SLACK)
    make_job(title="Welder")
    tell()
    deliver()
    [request] = receiver.requests
    assert json.loads(request.body)["text"] == "Northwind Labs: 1 job opened"
    assert not [name for name in request.headers if name.startswith("webhook-")]


def test_secrets_are_stored_encrypted_for_one_receiver_and_rotate_with_the_keys(
    app: Flask, cast: Cast, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    endpoint_id, secret = hook
    endpoints.replace_secret(cast.northwind.id, endpoint_id, endpoint(endpoint_id).secret_set_at)
    row = endpoint(endpoint_id)
    for stored in (row.secret_ciphertext, row.address_ciphertext, json.dumps(row.old_secrets).encode()):
        assert secret.encode() not in stored
        assert b"127.0.0.1" not in stored
    new_key = "bmV3LWtleS1vZi0zMi1ieXRlcy1mb3ItdGVzdHM9PT0="
    old = current_settings()
    app.extensions["settings"] = replace(old, credential_keys=(new_key, *old.credential_keys))
    assert credentials.rotate().connections == 1
    app.extensions["settings"] = replace(old, credential_keys=(new_key,))
    make_job()
    tell()
    deliver()
    verified(receiver.requests[0], secret)
    app.extensions["settings"] = old  # by whose key nothing is encrypted any more
    make_job()
    tell()
    assert deliver() == 0
    assert "cannot be read" in (messages()[-1].error or "")
    # The admins enter anew what cannot be read; the old secret, which cannot either, signs nothing.
    endpoints.change_endpoint(cast.northwind, endpoint_id, Wanted("", receiver.url, ["job.opened"]))
    new = endpoints.replace_secret(cast.northwind.id, endpoint_id, endpoint(endpoint_id).secret_set_at)
    assert new is not None
    make_due()
    assert deliver() == 1
    verified(receiver.requests[-1], new)
