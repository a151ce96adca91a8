"""The files served under ``/assets/``, by one version of them all.

It stands in the path, so that what modules and style sheets name by a relative address has it too. A style
sheet is served with the parts that it imports in their places, and without its comments: one request, and the
cascade that was written.
"""

import gzip
import hashlib
import mimetypes
import os
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Final
from zipfile import ZipFile

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.config import REPOSITORY

STATIC: Final = REPOSITORY / "static"
FROM_PACKAGES: Final = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
}
ICONS: Final = "icons.svg"
ICON_NAMES: Final = frozenset({
    "archive", "arrow-left", "arrow-right", "arrow-up-right", "banknote", "bookmark", "bookmark-plus",
    "briefcase", "building-2", "chart-column", "check", "chevron-down", "chevron-left", "chevron-right",
    "chevron-up", "chevrons-up-down", "circle-alert", "circle-pause", "circle-question-mark", "clock",
    "code-xml", "columns-3", "copy", "download", "ellipsis", "external-link", "eye", "eye-off", "globe",
    "history", "house", "info", "key-round", "keyboard", "link", "list-filter", "lock", "log-out",
    "mail", "map-pin", "menu", "monitor", "monitor-smartphone", "moon", "pencil", "play", "plug",
    "plus", "refresh-cw", "rows-3", "rss", "scan-search", "search", "settings-2", "share", "shield-check",
    "sliders-horizontal", "smartphone", "star", "star-off", "sun", "sun-moon", "tag", "trash-2",
    "triangle-alert", "undo-2", "unplug", "upload", "user-round", "users-round", "webhook", "x",
})  # fmt: skip
"""The icons of Lucide that the pages use: one file has them all, since a page shows forty."""
IMPORT: Final = re.compile(rb'^@import "([a-z_]+/[a-z_]+\.css)";\n', re.MULTILINE)
COMMENT: Final = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)
COMPRESSIBLE: Final = frozenset({".css", ".js", ".svg"})
VERSION_LENGTH: Final = 6
OLD_LENGTH: Final = 16  # of addresses in pages that were opened under version 1.1


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes, plain and (where that is smaller) compressed."""

    content: bytes
    compressed: bytes | None
    mimetype: str
    etag: str


def find_asset(name: str) -> Asset | None:
    """Return the asset called ``name``, or ``None``. A changed file is read anew."""
    if name == ICONS:
        return _icons()
    try:
        path = _path(name)
        return _read(path, *map(_changed_at, _files_of(path))) if path and path.is_file() else None
    except (OSError, ValueError):
        return None


def asset_url(name: str) -> str:
    """Return an asset's address, which changes with the bytes of any; raises ``LookupError`` for none."""
    return _url(name, current_version())


def current_version() -> str:
    """Return a hash of all style sheets, scripts and icons; looks at them once a second at the most."""
    return _version_at(int(monotonic()))


@lru_cache(maxsize=256)
def _url(name: str, version: str) -> str:
    if find_asset(name) is None:
        raise LookupError(f"There is no asset {name!r}.")
    return f"/assets/{version}/{name}"


@lru_cache(maxsize=1)
def _version_at(_second: int) -> str:
    """Read the files again only where one has come, gone or changed: to look at them is quick."""
    paths = sorted(f"{folder}/{name}" for folder, _, names in os.walk(STATIC) for name in names)
    return _version_of(tuple((path, _changed_at(Path(path))) for path in paths))


@lru_cache(maxsize=1)
def _version_of(files: tuple[tuple[str, int], ...]) -> str:
    own = (path.removeprefix(f"{STATIC}/") for path, _ in files)
    names = sorted((*(each for each in own if Path(each).suffix in COMPRESSIBLE), *FROM_PACKAGES, ICONS))
    etags = "".join(f"{name} {asset.etag} " for name in names if (asset := find_asset(name)))
    return hashlib.sha256(etags.encode()).hexdigest()[:VERSION_LENGTH]


@cache
def _package_file(package: str, inside: str) -> Path:
    """Find a file of an installed package without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"The package {package} is not installed.")
    return Path(spec.origin).parent / inside


def _path(name: str) -> Path | None:
    if name in FROM_PACKAGES:
        return _package_file(*FROM_PACKAGES[name])
    path = (STATIC / name).resolve()
    return path if path.is_relative_to(STATIC) else None


@cache
def _icons() -> Asset:
    """Return a drawing that holds each icon under its name; a page shows one by ``<use>``.

    Lucide's own function opens its archive anew for each icon, which took half a second for all of these.
    """
    with ZipFile(_package_file("lucide", "lucide.zip")) as archive:
        symbols = [_symbol(name, archive.read(f"{name}.svg").decode()) for name in sorted(ICON_NAMES)]
    return make_asset(ICONS, f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode())


def _symbol(name: str, svg: str) -> str:
    """Return what an icon draws, under its name; its colours and lines are those of the page."""
    drawing = " ".join(svg.partition("<svg")[2].partition(">")[2].split()).removesuffix("</svg>").rstrip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def _files_of(path: Path) -> list[Path]:
    """Return the file and, of a style sheet, its parts, which stand in the folder of its name."""
    return [path, *(sorted(path.with_suffix("").glob("*.css")) if path.suffix == ".css" else ())]


def _changed_at(path: Path) -> int:
    """Return when a file changed; 0 for one that is gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _read(path: Path, *_changed_at: int) -> Asset:
    content = path.read_bytes()
    if path.suffix == ".css":
        whole = IMPORT.sub(lambda part: (path.parent / part[1].decode()).read_bytes(), content)
        content = COMMENT.sub(b"", whole)  # a tenth of what a job page loads of them
    return make_asset(path.name, content)


def make_asset(name: str, content: bytes) -> Asset:
    """Return content as it is served under a name, whose ending says what it is."""
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    compressed = gzip.compress(content, mtime=0) if Path(name).suffix in COMPRESSIBLE else content
    smaller = compressed if len(compressed) < len(content) else None
    return Asset(content, smaller, mimetype, hashlib.sha256(content).hexdigest()[:16])


bp = Blueprint("assets", __name__)

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"


@bp.get("/assets/<path:name>")
@bp.get(f"/assets/<string(minlength={VERSION_LENGTH},maxlength={OLD_LENGTH}):version>/<path:name>")
def show(name: str, version: str | None = None) -> ResponseReturnValue:
    """Send a style sheet, script or picture: as it is now, whatever version was asked for."""
    asset = find_asset(name)
    if asset is None:
        abort(HTTPStatus.NOT_FOUND)
    return send_asset(asset, FOR_EVER if version == current_version() else ASK_AGAIN)


def send_asset(asset: Asset, cache_control: str) -> Response:
    """Send an asset, compressed where that is taken, or say that the copy asked about is good."""
    compress = asset.compressed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.compressed if compress else asset.content, mimetype=asset.mimetype)
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache_control
    response.set_etag(f"{asset.etag}{'-gzip' if compress else ''}")
    response.make_conditional(request)
    return response
