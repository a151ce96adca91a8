"""The application of a worker's process."""

import os
from functools import cache

from flask import Flask

from portal.base_app import create_base_app
from portal.config import load_settings


@cache
def application() -> Flask:
    """Return this process's application, made from the environment when it is first asked for.

    Raises ``portal.environment.ConfigError``, whose text is fit to print, when a setting is unusable.
    """
    return create_base_app(load_settings(os.environ))
