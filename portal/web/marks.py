"""Marks: what a page showed of a waiting list, sent back with a decision about all of it."""

from flask import request

from portal.actions.seen_lists import Mark

NOWHERE: Mark = (-1, -1)


def as_sent(mark: Mark) -> str:
    """Return a mark as a form sends it."""
    return f"{mark[0]}-{mark[1]}"


def sent_mark() -> Mark | None:
    """Return the mark that came with the form, if one did; nonsense is one that no list has."""
    text = request.form.get("seen")
    if text is None:
        return None
    number, _, last = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (number, last)):
        return NOWHERE
    return int(number), int(last)
