"""What a WSGI server and the ``flask`` command load."""

import sys

from portal.app import create_app
from portal.environment import ConfigError

try:
    app = create_app()
except ConfigError as refusal:
    sys.exit(str(refusal))
