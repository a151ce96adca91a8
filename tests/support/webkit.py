"""Safari's engine: the system's WebKitGTK on a display without a screen, driven by plain WebDriver (W3C)."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from time import monotonic, sleep
from typing import Any

import requests

PATIENCE_SECONDS = 20.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names one in JSON
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"
LISTEN = """(window.faults = [], onerror = message => { faults.push(message) },
    onunhandledrejection = ({reason}) => { faults.push(String(reason)) },
    document.addEventListener('securitypolicyviolation', ({violatedDirective: of}) => faults.push(of)))"""


def browser_path() -> Path | None:
    """Where the small browser is that comes with WebKitWebDriver, if both and Xvfb are installed."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return found[-1] if found and which("WebKitWebDriver") and which("Xvfb") else None


class WebKit:
    """One window. Each call waits until the browser has done it."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __call__(self, command: str, **values: Any) -> Any:
        """Send a command that has a body, and return its value; raises ``requests.HTTPError``."""
        answer = requests.post(f"{self._address}/{command}", json=values, timeout=60)
        answer.raise_for_status()
        return answer.json()["value"]

    def open(self, url: str) -> None:
        """Open a page, and note from then on what its scripts do that they must not."""
        self("url", url=url)
        self.script(f"return void {LISTEN}")

    def script(self, body: str, *arguments: Any) -> Any:
        """Call a function with this body in the page."""
        return self("execute/sync", script=body, args=arguments)

    def until(self, expression: str) -> Any:
        """Wait until an expression holds in the page, and return its value."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not (value := self.script(f"return {expression}")):
            assert monotonic() < deadline, f"it never held: {expression}"
            sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        """Click an element as a mouse does."""
        self.until(f"document.querySelector({selector!r})?.checkVisibility()")
        element = self("element", using="css selector", value=selector)
        there = {"type": "pointerMove", "origin": {ELEMENT: element[ELEMENT]}, "x": 0, "y": 0}
        button = [{"type": f"pointer{way}", "button": 0} for way in ("Down", "Up")]
        self("actions", actions=[{"type": "pointer", "id": "mouse", "actions": [there, *button]}])

    def press(self, keys: str) -> None:
        """Press keys one after the other, as they come from a keyboard."""
        pressed = [{"type": f"key{way}", "value": key} for key in keys for way in ("Down", "Up")]
        self("actions", actions=[{"type": "key", "id": "keyboard", "actions": pressed}])


@contextmanager
def running_webkit(browser: Path) -> Iterator[WebKit]:
    """A browser of its own until the block ends."""
    with ExitStack() as stack:
        display = stack.enter_context(_display())
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environ = os.environ | {"DISPLAY": display}
        stack.enter_context(_process(["WebKitWebDriver", f"--port={port}"], env=environ))
        driver = f"http://127.0.0.1:{port}"
        _wait_for(f"{driver}/status")
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}}
        answer = requests.post(f"{driver}/session", json={"capabilities": wanted}, timeout=60)
        answer.raise_for_status()
        address = f"{driver}/session/{answer.json()['value']['sessionId']}"
        stack.callback(requests.delete, address, timeout=60)
        window = WebKit(address)
        window("window/rect", width=1300, height=950)
        yield window


@contextmanager
def _display() -> Iterator[str]:
    """An X server whose number is free."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with _process(command, pass_fds=(write,)):
        os.close(write)
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"


@contextmanager
def _process(command: list[str], **options: Any) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.ConnectionError:
            assert monotonic() < deadline, "WebKitWebDriver does not answer"
            sleep(0.05)
        else:
            return
