"""The clients of search engines that take word of new and removed pages: IndexNow, Google's Indexing API."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.boards.errors import GreenhouseError
from portal.boards.http import ask, parse_retry_after, read_body
from portal.domain.search_engines import Answer, Engine, Outcome, answer_of

SECONDS: Final = 20.0
"""For one whole request with its answer."""
MOST_BYTES: Final = 64 * 1024
SCOPE: Final = "https://www.googleapis.com/auth/indexing"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS: Final = 3600
JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
NO_ANSWER: Final = Answer(Outcome.LATER, "no answer")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What of a service account's key file is needed to sign in as it."""

    email: str
    key_id: str
    private_key: RSAPrivateKey
    token_url: str


def parse_service_account(text: str) -> ServiceAccount:
    """Return the account in a key file as Google makes it; raises ``ValueError`` for anything else."""
    try:
        said = json.loads(text)
        email, token_url = str(said["client_email"]), str(said["token_uri"])
        key = load_pem_private_key(said["private_key"].encode(), None)
    except Exception as error:  # whatever json and cryptography stumble over; no log may hold the key
        raise ValueError(type(error).__name__) from None
    if not isinstance(key, RSAPrivateKey) or urlsplit(token_url).scheme not in ("https", "http"):
        raise ValueError("not an RSA key and an address")
    return ServiceAccount(email, str(said.get("private_key_id", "")), key, token_url)


def tell_indexnow(url: str, key: str, site: str, pages: Sequence[str], ca_bundle: str | None) -> Answer:
    """Notify IndexNow, at its address ``url``, that these pages of the site are new, changed or gone."""
    said = {
        "host": urlsplit(site).netloc,
        "key": key,
        "keyLocation": f"{site}/{key}.txt",
        "urlList": list(pages),
    }
    try:
        with ask("POST", url, SECONDS, JSON, json.dumps(said).encode(), ca_bundle) as response:
            return _answer(Engine.INDEXNOW, response.status_code, response.headers)
    except GreenhouseError:
        return NO_ANSWER


class GoogleIndexing:
    """Google's Indexing API, for one service account; its token is asked for once an hour."""

    def __init__(self, url: str, account: ServiceAccount, ca_bundle: str | None) -> None:
        self._url, self._account, self._ca_bundle = url, account, ca_bundle
        self._token, self._ends_at = "", 0.0

    def tell(self, page: str, *, is_there: bool) -> Answer:
        """Notify Google that a page is new or changed, or that it is gone."""
        try:
            refusal = self._sign_in(datetime.now(UTC))
            if refusal is not None:
                return refusal
            said = {"url": page, "type": "URL_UPDATED" if is_there else "URL_DELETED"}
            headers = JSON | {"Authorization": f"Bearer {self._token}"}
            with ask(
                "POST", self._url, SECONDS, headers, json.dumps(said).encode(), self._ca_bundle
            ) as response:
                if response.status_code == 401:
                    self._ends_at = 0.0
                return _answer(Engine.GOOGLE, response.status_code, response.headers)
        except GreenhouseError:
            return NO_ANSWER

    def _sign_in(self, now: datetime) -> Answer | None:
        """Ask for a token unless there is one for another minute; return what kept it from coming."""
        if now.timestamp() < self._ends_at - 60:
            return None
        form = urlencode({"grant_type": GRANT, "assertion": signed_claims(self._account, now)}).encode()
        with ask("POST", self._account.token_url, SECONDS, FORM, form, self._ca_bundle) as response:
            if response.status_code != 200:
                answer = _answer(Engine.GOOGLE, response.status_code, response.headers)
                return Answer(answer.outcome, f"sign-in: {answer.words}", answer.retry_after)
            content = bytes(read_body(response, MOST_BYTES))
        try:
            self._token = str(json.loads(content)["access_token"])
        except (ValueError, KeyError, TypeError):
            return Answer(Outcome.LATER, "sign-in: the answer was not understood")
        self._ends_at = now.timestamp() + TOKEN_SECONDS
        return None


def signed_claims(account: ServiceAccount, now: datetime) -> str:
    """Return a JWT (RS256) that asks for a token as the service account."""
    issued_at = int(now.timestamp())
    claims = {
        "iss": account.email,
        "scope": SCOPE,
        "aud": account.token_url,
        "iat": issued_at,
        "exp": issued_at + TOKEN_SECONDS,
    }
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": account.key_id} if account.key_id else {})
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    signature = account.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{_base64(signature)}"


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _answer(engine: Engine, status: int, headers: Mapping[str, str]) -> Answer:
    wait = parse_retry_after(headers.get("Retry-After"), datetime.now(UTC))
    return answer_of(engine, status, wait or 0.0)
