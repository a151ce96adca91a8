"""What a WSGI server and the ``flask`` command load."""

import sys

from portal import create_app
from portal.config import ConfigError

try:
    app = create_app()
except ConfigError as refusal:
    sys.exit(str(refusal))
