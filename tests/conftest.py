"""What every test may use, and how a run goes; the fixtures are in the modules that are named below."""

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import has_app_context

pytest_plugins = [
    "tests.support.redis",
    "tests.support.databases",
    "tests.support.app",
    "tests.support.greenhouse",
    "tests.support.spacing",
]
_numbers = count()


def pytest_configure() -> None:
    """Hear the signals that a run in the background is started deaf to: its children would inherit it.

    And let them write byte code, where the environment says otherwise: hundreds of processes are started,
    and a quarter of each start would be spent on compiling the portal again.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter of bytes by its argument, and a long text by its beginning.

    Each process of a run collects the tests by itself, and refuses to start where the names differ: those of
    bytes that hold the time of day would.
    """
    if isinstance(val, bytes):
        return argname
    if isinstance(val, str) and len(val) > 60:
        return f"{val[:40].encode('unicode_escape').decode()}...{len(val)}"
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[object]:
    """Look for unreachable cycles more rarely, and not among what the whole run needs.

    A full collection goes through half a million objects: as often as Python has it, they were a seventh of
    the processor time of ``tests/web/jobs`` and ``tests/domain`` (8.7 of 62 s), and are a fiftieth like this.
    While the tests are collected nearly all that is made stays: to look there took nearly half of the time.
    """
    gc.disable()
    try:
        if not session.config.option.file_or_dir:
            _import_share(getattr(session.config, "workerinput", {}))
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 10, 50)


def _import_share(process: dict[str, Any]) -> None:
    """Let each process of a run (of pytest-xdist) import the tests in an order of its own.

    What pytest makes of a test module's text is kept in a file. In a fresh clone each process would make it
    of every module, at the same time as the others: half of what collecting takes there.
    """
    if not process:
        return
    number = int(process["workerid"].removeprefix("gw"))
    root = Path(__file__).parents[1]
    paths = sorted(root.glob("tests/**/test_*.py"))
    for path in paths[number :: process["workercount"]]:
        with suppress(Exception, pytest.skip.Exception):  # to be said where the module is collected
            import_module(".".join(path.relative_to(root).with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run one test of several processes at a time: two would wait for each other's, and both for leases.

    It is the largest group, with which pytest-xdist begins: the short tests are left for the end.
    """
    for item in items:
        if "processes" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Refuse an application context that is left open: what comes next would act in it, on its database."""
    yield
    assert not has_app_context()


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder of the test's own, under a number.

    Pytest's own looks for a free number among all folders of the run, each time anew: of three thousand tests
    that took 2 ms each, and takes a tenth like this.
    """
    folder = tmp_path_factory.getbasetemp() / f"test-{next(_numbers)}"
    folder.mkdir()
    return folder
