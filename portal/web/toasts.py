"""What was just done, told in the lower left, with the way to take it back."""

import json
from http import HTTPStatus
from typing import Final

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.store.organisations import revisions
from portal.web.partials import wants_partial
from portal.web.templating import draw

Toast = dict[str, str]
UNDO: Final = "Undo"
LONGEST_UNDO: Final = 2000


def toast_of(said: str, org: str = "", edit_id: int | None = None, label: str = UNDO) -> Toast:
    """Return what a toast says, and the address that takes an edit back where there is one."""
    undo = url_for("edits.undo", org=org, edit_id=edit_id) if edit_id is not None else ""
    return {"said": said, "undo": undo, "label": label}


def toast_with(said: str, undo: str) -> Toast:
    """Return a toast of what is no edit, and the address that takes it back.

    It may wait in a cookie, of which browsers keep no more than 4 kB: a very long address is left out.
    """
    return {"said": said, "undo": undo if len(undo) <= LONGEST_UNDO else "", "label": UNDO}


def _note(toast: Toast) -> Markup:
    return draw("partials/_toast.html", "note", toast)


def told(toast: Toast, beside: str = "") -> Response:
    """Answer htmx with a toast, beside what takes its own place; screen readers hear it."""
    page = _note(toast)
    body = f'{beside}<div hx-swap-oob="beforeend:#toasts">{page}</div>'
    return Response(body, headers={"HX-Trigger": json.dumps({"portal:announce": toast["said"]})})


def answer_done(toast: Toast, back: str, organisation_id: int, beside: str = "") -> ResponseReturnValue:
    """Answer what changed the list: htmx adds the toast, beside what takes its own place, and reads it again.

    The page learns the revision, so that the stream's word of it is no news there.
    """
    if not wants_partial():
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
        return redirect(back, HTTPStatus.SEE_OTHER)
    page = _note(toast)
    revision = revisions([organisation_id]).get(organisation_id, 0)
    headers = {
        "HX-Trigger": json.dumps({"portal:announce": toast["said"]}),
        "HX-Trigger-After-Swap": json.dumps({"portal:done": {"revision": revision}}),
        "HX-Retarget": "#toasts",
        "HX-Reswap": "beforeend",
    }
    return Response(f"{page}{beside}", headers=headers)
