"""The signature Greenhouse puts on a webhook: HMAC-SHA256 over the body exactly as received."""

import hmac


def verify(secret: bytes, header: str | None, raw_body: bytes) -> bool:
    """Whether ``header`` (``sha256 <hex digest>``) signs ``raw_body`` with ``secret``.

    Never raises; a missing header or an empty secret verifies nothing.
    """
    if not secret or header is None:
        return False
    expected = "sha256 " + hmac.new(secret, raw_body, "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), header.encode("utf-8", "replace"))
