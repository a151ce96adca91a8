"""``python -m dev.stack``: what ``make run`` becomes."""

import sys

from dev.stack.supervisor import main

sys.exit(main(sys.argv[1:]))
