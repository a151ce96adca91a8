"""Makes an application and reads a board once where it is imported: processes forked from it do so quickly.

Most of a first application is URL rules that are compiled and libraries that are imported on the way, and
most of a first import is reading where all the towns of the world are: a second, for each worker of a test.
"""

import gc
import json
from tempfile import TemporaryDirectory

from dev.demo.board_files import read_boards
from dev.demo.organisation import BOARD_TOKEN
from portal.app import create_app
from portal.boards.greenhouse.payloads import parse_listing
from portal.config import load_settings
from portal.domain.sync.reading import Reading, new_job_columns
from portal.models.base import utc_now
from tests.support import compiled

assert compiled.SharedMap, "the rules of every application are shared from here on"
with TemporaryDirectory() as _folder:
    create_app(load_settings({"INSTANCE_DIR": _folder, "REDIS_URL": "unix:///nowhere.sock"})).url_map.update()
_posts = read_boards()[BOARD_TOKEN].live_jobs()
_answer = json.dumps({"jobs": _posts, "meta": {"total": len(_posts)}}).encode()
for _post in parse_listing(_answer, None).posts.values():
    new_job_columns(_post, Reading(), utc_now())
gc.collect()
gc.freeze()  # what is here already need not be looked at again, nor copied for that, in each fork
