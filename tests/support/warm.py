"""Makes an application once where it is imported: processes forked from there make theirs in a fifth of it.

Most of a first application is URL rules that are compiled and libraries that are imported on the way.
"""

from tempfile import TemporaryDirectory

from portal.app import create_app
from portal.config import load_settings
from tests.support import compiled

assert compiled.SharedMap, "the rules of every application are shared from here on"
with TemporaryDirectory() as _folder:
    create_app(load_settings({"INSTANCE_DIR": _folder, "REDIS_URL": "unix:///nowhere.sock"})).url_map.update()
