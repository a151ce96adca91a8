"""What every answer tells the browser: trust this site alone, and keep nothing of signed-in pages."""

from typing import Final

from flask import Flask, Response, current_app, request, session

from portal.config import Settings
from portal.web.auth import TOKEN

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src https://www.youtube-nocookie.com https://player.vimeo.com",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TWO_YEARS: Final = 63_072_000


def init_app(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Set the security headers, and the caching of pages where the view chose none."""
    response.headers.update(HEADERS)
    settings: Settings = current_app.extensions["settings"]
    if settings.hsts:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if TOKEN in session else "no-cache, private"
    if request.endpoint != "assets.show":
        response.vary.update(("Cookie", "HX-Request"))
    return response
