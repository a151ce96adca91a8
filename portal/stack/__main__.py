"""``python -m portal.stack``: what ``make run`` becomes."""

import sys

from portal.stack.supervisor import main

sys.exit(main(sys.argv[1:]))
