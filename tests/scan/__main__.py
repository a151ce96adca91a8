"""``python -m tests.scan``: start the portal, sign in, and let Wapiti look for weaknesses.

It ends with 1 where something of medium severity or above is found that ``EXPECTED`` does not name.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from dev.demo.organisation import ADMIN_EMAIL, BOARD_TOKEN, DEMO_API_KEY
from portal.config import REPOSITORY
from tests.support.processes import line_with, wait_until
from tests.support.stack import RUNNING, free_port

WAPITI: Final = REPOSITORY / ".venv" / "scan" / "bin" / "wapiti"
MODULES: Final = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap"),
    *("methods", "permanentxss", "redirect", "shellshock", "spring4shell", "sql", "timesql", "upload", "xss"),
)
"""Without those that need a server on the internet (ssrf, xxe, log4shell, takeover), a database that is
fetched (nikto, htp, wapp, cms), TLS, and guessing passwords: sign-in is limited."""
HTTP: Final = "the scan is over http on loopback; over https cookies are __Host- and Secure"
NO_COOKIE: Final = (
    "public pages are the same for everybody and have no cookie: the form bears a signed stamp, and nobody's "
    "sign-in gives it any power"
)
NO_LDAP: Final = (
    "nothing here speaks LDAP: Wapiti goes by answers that differ, and those of this form do where its stamp "
    "is none, and while it is sent too often"
)
EXPECTED: Final = (
    ("Secure Flag cookie", "", HTTP),
    ("Cross Site Request Forgery", "POST /orgs/northwind/alerts:", NO_COOKIE),
    ("LDAP Injection", "POST /orgs/northwind/alerts", NO_LDAP),
)
"""What is found and is none: Wapiti's name for it, how the finding begins, and why."""
NOT_TOUCHED: Final = (
    *("/logout", "/account/sessions/end", "/account/delete", "/account/leave", "/account/two-step*"),
    *("/orgs/*/greenhouse/disconnect", "/orgs/*/people/*", "/orgs/*/events*", "/assets/*", "*/markdown"),
)
"""What would end the scan's own sign-in or take away what it looks at, and files that are the same always."""
CRAWL: Final = {"--depth": 5, "--max-links-per-page": 60, "--max-files-per-dir": 25, "--max-parameters": 40}
LONGEST: Final = {"--max-scan-time": 1200, "--max-attack-time": 75}  # seconds; the latter of a module
MEDIUM: Final = 2


@contextmanager
def portal(folder: Path) -> Iterator[tuple[str, str]]:
    """The portal as ``make run`` starts it; yields its address and the password of its admin."""
    environ = {**os.environ, "INSTANCE_DIR": str(folder / "instance"), "PORT": str(free_port())}
    command = [sys.executable, "-u", "-m", "dev.stack", "--parent", str(os.getpid())]
    out = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environ, **out) as stack:  # type: ignore[call-overload]
        try:
            url = line_with(stack, "  Portal  ").split()[-1]
            password = line_with(stack, "  Password  ").split()[-1]
            line_with(stack, RUNNING)
            yield url, password
        finally:
            stack.terminate()


def sign_in(url: str, password: str) -> requests.Session:
    """Sign in as the admin, and import the jobs of the demo board."""
    browser = requests.Session()

    def post(path: str, page: str = "", **fields: str) -> requests.Response:
        shown = browser.get(f"{url}{page or path}").text
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown)
        return browser.post(f"{url}{path}", data=fields | {"csrf_token": token[1] if token else ""})

    post("/login", email=ADMIN_EMAIL, password=password)
    post("/orgs/northwind/greenhouse/connect", api_key=DEMO_API_KEY, board_token=BOARD_TOKEN)
    manage = f"{url}/orgs/northwind/jobs/manage"
    wait_until(lambda: "data-job-id" in browser.get(manage).text, "the first sync")
    post("/orgs/northwind/jobs/new", title="Welder", description="You weld.", apply_url="https://a.example/")
    post("/orgs/northwind/links", name="Scan", code="scan")
    return browser


def scan(url: str, browser: requests.Session, folder: Path) -> dict[str, Any]:
    """Let Wapiti crawl and attack; return its report."""
    report = folder / "report.json"
    manage = browser.get(f"{url}/orgs/northwind/jobs/manage").text
    job = re.findall(r'data-job-id="?(\d+)', manage)[0]
    starts = [f"/orgs/northwind/{path}" for path in ("jobs/manage", f"jobs/{job}", "people", "greenhouse")]
    cookie = "; ".join(f"{each.name}={each.value}" for each in browser.cookies)
    command: list[str] = [str(WAPITI), "--url", f"{url}/", "--module", ",".join(MODULES), "-C", cookie]
    command += ["--drop-set-cookie", "--no-bugreport", "--flush-session", "--tasks", "4", "--timeout", "30"]
    command += ["--store-session", str(folder), "--store-config", str(folder)]
    command += ["--format", "json", "--output", str(report)]
    for name, value in (CRAWL | LONGEST).items():
        command += [name, str(value)]
    for path in (*starts, "/account"):
        command += ["--start", f"{url}{path}"]
    for path in NOT_TOUCHED:
        command += ["--exclude", f"{url}{path}"]
    subprocess.run(command, check=True, timeout=1500)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def findings(report: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Yield each finding: how severe it is, of which kind, and where and what."""
    for kinds in (report["vulnerabilities"], report["anomalies"]):
        for kind, found in kinds.items():
            for each in found:
                parameter = f" {each['parameter']}" if each.get("parameter") else ""
                yield each["level"], kind, f"{each['method']} {each['path']}{parameter}: {each['info']}"


def reason_for(kind: str, words: str) -> str | None:
    """Return why a finding is none, if it is expected."""
    return next((why for name, begins, why in EXPECTED if name == kind and words.startswith(begins)), None)


def main() -> int:
    """Print what is found, the most severe first; return 1 if any of it must be mended."""
    with tempfile.TemporaryDirectory() as name, portal(Path(name)) as (url, password):
        report = scan(url, sign_in(url, password), Path(name))
    print(f"Looked at {report['infos']['crawled_pages_nbr']} pages.")
    bad = 0
    for level, kind, words in sorted(set(findings(report)), reverse=True):
        reason = reason_for(kind, words)
        is_bad = level >= MEDIUM and reason is None
        bad += is_bad
        print(f"{'FOUND' if is_bad else 'noted'}  severity {level}  {kind}: {words}"[:400])
        if reason:
            print(f"       expected: {reason}")
    print(f"{bad} findings of medium severity or above." if bad else "Nothing of medium severity or above.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
