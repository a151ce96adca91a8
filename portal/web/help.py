"""``/help/greenhouse``: how to connect, and what syncs."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from portal.config import Settings

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("/greenhouse")
def greenhouse() -> ResponseReturnValue:
    """How to connect Greenhouse, step by step, what is imported, and what stays the organisation's."""
    settings: Settings = current_app.extensions["settings"]
    return render_template("pages/help/greenhouse.html", interval=_minutes(settings.sync_interval_minutes))


def _minutes(minutes: int) -> str:
    """Return an interval in words: "every 30 minutes", "every hour"."""
    if minutes % 60:
        return "every minute" if minutes == 1 else f"every {minutes} minutes"
    hours = minutes // 60
    return "every hour" if hours == 1 else f"every {hours} hours"
