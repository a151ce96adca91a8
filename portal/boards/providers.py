"""One bounded request to an OpenID provider: no redirect, no proxy, and only an address that may be asked."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog

from portal.boards.receivers import connection_to, said_of, target_of
from portal.watchdog import AddressRefused, Watchdog

LARGEST: Final = 512 * 1024
HEADERS: Final = {
    "User-Agent": "the-org-jobs-portal",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
NOT_PUBLIC: Final = "Its address is not on the internet, where providers are asked alone."

log = structlog.get_logger()


class ProviderSilent(Exception):
    """No usable answer came: ``str()`` says why in words fit for an admin."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered."""

    code: int
    content: Any

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for. A redirect is not: it is not followed."""
        return self.code == HTTPStatus.OK


def ask_provider(
    url: str,
    seconds: float,
    *,
    form: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    private: bool = False,
    ca_bundle: str | None = None,
) -> Reply:
    """Ask for JSON, or post a form and read the JSON that answers it, all within so many ``seconds``.

    ``private`` allows every address, and plain http. Raises ``ProviderSilent``, outside of the handler: the
    errors beneath may hold what was sent, and that a secret.
    """
    sent = {**HEADERS, **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    with Watchdog(seconds) as watchdog:
        try:
            with closing(connection_to(url, watchdog, private=private, ca_bundle=ca_bundle)) as connection:
                connection.request("GET" if form is None else "POST", target_of(url), form, sent)
                with connection.getresponse() as answer:
                    body = answer.read(LARGEST + 1)
            if watchdog.passed:  # a connection that was shut may look like the end of the answer
                raise TimeoutError
            return Reply(answer.status, _content(body))
        except Exception as error:  # http.client lets out what its parsing stumbles over
            said = _said(error, is_late=watchdog.passed)
            log.info("provider_not_answered", cause=type(error).__name__)
    raise ProviderSilent(said)


def _content(body: bytes) -> Any:
    if len(body) > LARGEST:
        raise ProviderSilent("Its answer is too large.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _said(error: Exception, *, is_late: bool) -> str:
    if is_late:
        return "It did not answer in time."
    match error:
        case ProviderSilent():
            return str(error)
        case AddressRefused():
            return NOT_PUBLIC
        case _:
            return said_of(error)
