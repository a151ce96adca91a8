"""What taking an edit back is called, once it is done or where it cannot be."""

from typing import Final

from portal.actions.undo_edit import Left, Undone
from portal.domain.job_fields import DELETION, OPENING
from portal.models import Job
from portal.web.toasts import UNDO

REDO: Final = "Redo"
LONGEST_SHOWN: Final = 100


def way_back_label(undone: Undone) -> str:
    """Return what the button says that takes this back in turn."""
    return UNDO if undone.again else REDO


def done_words(undone: Undone, job: Job | None) -> str:
    """Return what was done; ``job`` is the one edited, where it was one alone."""
    done, verb = ("Done again", "set again") if undone.again else ("Undone", "restored")
    label = undone.field.label
    if undone.left:
        return f"{done}: {undone.restored:,} {verb}, {', '.join(_reasons(undone))}."
    if undone.restored > 1:
        return f"{done}. {label} {verb} on {undone.restored:,} jobs."
    if undone.field is DELETION:
        return f"{done}. “{job.title}” is restored." if job else f"{done}. The job is deleted."
    shown = undone.field.display(job) if job else ""
    if job and undone.field is OPENING:
        return f"{done}. “{job.title}” is {shown.lower()} again."
    if len(shown) > LONGEST_SHOWN:
        return f"{done}. {label} {verb}"
    return f"{done}. {label}: {shown}" if shown else f"{done}. {label} is empty again"


def refused_words(undone: Undone) -> str:
    """Return why nothing was taken back."""
    if undone.already:
        return "This was done again already." if undone.again else "This was undone already."
    verb, label = "Not done again" if undone.again else "Not undone", undone.field.label.lower()
    if sum(undone.left.values()) > 1:
        return f"{verb}: {', '.join(_reasons(undone))}."
    [reason] = undone.left
    reasons = _REASONS_OF_ONE | _REASONS_OF.get(undone.field.name, {})
    return f"{verb}: {reasons[reason].format(label=label)}"


_REASONS_OF_ONE: Final = {
    Left.EDITED: "{label} was edited since.",
    Left.GREENHOUSES: "{label} belongs to Greenhouse by now. Edit it in Greenhouse.",
    Left.GONE: "the job is not here any more.",
}

_REASONS_OF: Final = {
    OPENING.name: {
        Left.EDITED: "the job was closed or reopened since.",
        Left.GREENHOUSES: "the job is Greenhouse’s by now. It opens and closes there.",
    },
    DELETION.name: {
        Left.EDITED: "the job was restored or deleted since.",
        Left.GREENHOUSES: "the job is Greenhouse’s by now. It opens and closes there.",
    },
}


def _reasons(undone: Undone) -> list[str]:
    """Why jobs were left, in the order of the reasons: "2 were edited since"."""
    return [_reason(reason, undone.left[reason]) for reason in Left if undone.left.get(reason)]


def _reason(reason: Left, number: int) -> str:
    one = number == 1
    match reason:
        case Left.EDITED:
            return f"{number:,} {'was' if one else 'were'} edited since"
        case Left.GREENHOUSES:
            return f"{number:,} {'belongs' if one else 'belong'} to Greenhouse by now"
        case Left.GONE:
            return f"{number:,} {'is' if one else 'are'} not here any more"
