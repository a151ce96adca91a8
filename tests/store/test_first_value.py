"""The first row that a process reads becomes a value, though no query has configured the mappers yet."""

import subprocess
import sys
from pathlib import Path

from portal.config import REPOSITORY

FIRST = """
import sys
from portal.base_app import create_base_app
from portal.config import load_settings
from portal.db import as_value
from portal.models import Membership
create_base_app(load_settings({"INSTANCE_DIR": sys.argv[1], "REDIS_URL": "unix:///nowhere.sock"}))
print(as_value(Membership, [7]).id)
"""


def test_a_row_is_a_value_before_a_process_has_made_a_query(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST, str(tmp_path)]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert said.stdout == "7\n", said.stderr
