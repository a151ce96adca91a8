"""``/assets/<version>/<name>``: for ever in the browser's cache where the version is the current one."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.web.assets.files import VERSION_LENGTH, current_version, find_asset

bp = Blueprint("assets", __name__)

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"


@bp.get("/assets/<path:name>")
@bp.get(f"/assets/<string(length={VERSION_LENGTH}):version>/<path:name>")
def show(name: str, version: str | None = None) -> ResponseReturnValue:
    """Send a style sheet, script or picture: as it is now, whatever version was asked for."""
    asset = find_asset(name)
    if asset is None:
        abort(HTTPStatus.NOT_FOUND)
    compress = asset.compressed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.compressed if compress else asset.content, mimetype=asset.mimetype)
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVER if version == current_version() else ASK_AGAIN
    response.set_etag(f"{asset.etag}{'-gzip' if compress else ''}")
    return response.make_conditional(request)
