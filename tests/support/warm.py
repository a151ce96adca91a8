"""Does once, where it is imported, what every process does at its start: those forked from it begin quickly.

Most of a first import is reading where all the towns of the world are: a second, for each worker of a test.
Half of all else is telling SQLAlchemy's mappers how the tables hang together: a tenth of one.
"""

import gc
import json

from sqlalchemy.orm import configure_mappers

from dev.demo.board_files import read_boards
from dev.demo.organisation import BOARD_TOKEN
from portal.boards.greenhouse.payloads import parse_listing
from portal.domain.sync.reading import Reading, new_job_columns
from portal.models.base import utc_now

_posts = read_boards()[BOARD_TOKEN].live_jobs()
_answer = json.dumps({"jobs": _posts, "meta": {"total": len(_posts)}}).encode()
for _post in parse_listing(_answer, None).posts.values():
    new_job_columns(_post, Reading(), utc_now())
configure_mappers()
gc.collect()
gc.freeze()  # what is here already need not be looked at again, nor copied for that, in each fork
