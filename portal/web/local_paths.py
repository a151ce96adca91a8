"""Which addresses somebody may be sent on to after signing in."""

import re

_FIRST = r"[A-Za-z0-9._~!$'()*+,;=:@%?-]"
_REST = r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]"
_LOCAL = re.compile(rf"/(?:{_FIRST}{_REST}*)?")
LONGEST = 2000


def is_local_path(path: str) -> bool:
    """Whether ``path`` is a path on this very site, in every reader's understanding.

    Anything that a browser could take for another host (``//host``, ``/\\host``, ``http:host``) is not.
    """
    return len(path) <= LONGEST and _LOCAL.fullmatch(path) is not None
