"""Fixtures that every test may use; each module of ``tests/fixtures`` holds one kind."""

import signal
from importlib.util import find_spec

pytest_plugins = [
    name
    for name in (
        "tests.support.redis",
        "tests.support.databases",
        "tests.support.app",
        "tests.support.greenhouse",
        "tests.support.spacing",
    )
    if find_spec(name) is not None
]


def pytest_configure() -> None:
    """Hear the signals that a run in the background is started deaf to: its children would inherit it."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
