"""A webhook's signature holds for the very bytes that came, and for nothing else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.boards.greenhouse.client import is_signed

SECRET = b"a shared secret"
BODY = b'{"action":"ping","payload":{"note":"\\u003cb\\u003e"}}'
DIGEST = hmac.new(SECRET, BODY, hashlib.sha256).hexdigest()


def test_the_signature_of_the_body_as_received_is_good() -> None:
    assert is_signed(SECRET, f"sha256 {DIGEST}", BODY)


def test_the_same_json_in_other_bytes_is_not() -> None:
    assert not is_signed(SECRET, f"sha256 {DIGEST}", BODY.replace(b"\\u003c", b"<"))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256",
        "sha256 ",
        DIGEST,
        f"sha1 {DIGEST}",
        f"sha256={DIGEST}",
        f"sha256 {DIGEST[:-1]}",
        f"sha256 {DIGEST} ",
        f"sha256 {DIGEST[:-1]}é",
        "sha256 \ud800",
    ],
)
def test_any_other_header_is_not(header: str | None) -> None:
    assert is_signed(SECRET, header, BODY) is False


def test_without_a_secret_nothing_is_signed() -> None:
    unsigned = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not is_signed(b"", f"sha256 {unsigned}", BODY)


@given(st.binary(), st.text(st.characters(codec=None)), st.binary())
def test_verifying_never_raises(secret: bytes, header: str, body: bytes) -> None:
    assert is_signed(secret, header, body) is False


@given(st.binary(min_size=1), st.binary())
def test_what_is_signed_with_the_secret_is_good(secret: bytes, body: bytes) -> None:
    assert is_signed(secret, f"sha256 {hmac.new(secret, body, hashlib.sha256).hexdigest()}", body)


@given(
    st.binary(min_size=1),
    st.binary(),
    st.sampled_from(["sha1", "sha512", "SHA256", "", "sha256 ", " sha256", "sha\u00e9"]),
    st.sampled_from(["sha256", "sha1", "sha512"]),
)
def test_another_algorithm_or_spelling_of_it_is_not(
    secret: bytes, body: bytes, name: str, algorithm: str
) -> None:
    assert not is_signed(secret, f"{name} {hmac.new(secret, body, algorithm).hexdigest()}", body)


@given(st.binary(min_size=1), st.binary(), st.integers(0, 63), st.sampled_from("0123456789abcdefg \u00e9"))
def test_a_digest_that_differs_in_a_letter_or_in_length_is_not(
    secret: bytes, body: bytes, place: int, letter: str
) -> None:
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    changed = digest[:place] + letter + digest[place + 1 :]
    assert is_signed(secret, f"sha256 {changed}", body) is (changed == digest)
    assert not is_signed(secret, f"sha256 {digest[:place]}", body)
    assert not is_signed(secret, f"sha256 {digest}{letter}", body)


@given(st.binary(min_size=1), st.binary(min_size=1), st.binary())
def test_another_secret_is_not(secret: bytes, other: bytes, body: bytes) -> None:
    header = f"sha256 {hmac.new(other, body, hashlib.sha256).hexdigest()}"
    padded = secret.ljust(64, b"\0") == other.ljust(64, b"\0")  # which HMAC takes for the same
    assert is_signed(secret, header, body) is (secret == other or padded)
