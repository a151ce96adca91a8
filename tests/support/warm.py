"""Reads a board once where it is imported: processes forked from it do so quickly.

Most of a first import is reading where all the towns of the world are: a second, for each worker of a test.
"""

import gc
import json

from dev.demo.board_files import read_boards
from dev.demo.organisation import BOARD_TOKEN
from portal.boards.greenhouse.payloads import parse_listing
from portal.domain.sync.reading import Reading, new_job_columns
from portal.models.base import utc_now

_posts = read_boards()[BOARD_TOKEN].live_jobs()
_answer = json.dumps({"jobs": _posts, "meta": {"total": len(_posts)}}).encode()
for _post in parse_listing(_answer, None).posts.values():
    new_job_columns(_post, Reading(), utc_now())
gc.collect()
gc.freeze()  # what is here already need not be looked at again, nor copied for that, in each fork
