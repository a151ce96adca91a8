"""``/assets/<name>``: for ever in the browser's cache when asked for by version."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.web.assets.files import find_asset

bp = Blueprint("assets", __name__)

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"


@bp.get("/assets/<path:name>")
def show(name: str) -> ResponseReturnValue:
    """Send a style sheet, script or picture."""
    asset = find_asset(name)
    if asset is None:
        abort(HTTPStatus.NOT_FOUND)
    compress = asset.compressed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.compressed if compress else asset.content, mimetype=asset.mimetype)
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == asset.version else ASK_AGAIN
    response.set_etag(f"{asset.version}{'-gzip' if compress else ''}")
    return response.make_conditional(request)
