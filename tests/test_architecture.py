"""The structure of the code: who may import whom, and sizes that a stranger can read."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
PORTAL = ROOT / "portal"
DEV = ROOT / "dev"
STATIC = ROOT / "static"

pytestmark = pytest.mark.xdist_group("architecture")  # one process reads the files for all of them

SETTINGS = {"config", "environment"}
# What each part may import of the portal, beside itself.
MAY_IMPORT = {
    "environment": set(),
    "config": {"environment"},
    "logs": set(),
    "process": set(),
    "watchdog": set(),
    "domain": set(),
    "models": {"domain"},
    "write_limit": SETTINGS,
    "prepared_statements": set(),
    "engines": SETTINGS,
    "db": {"models", "engines", "write_limit", "prepared_statements"} | SETTINGS,
    "prepared_rows": {"db", "prepared_statements"},
    "boards": {"domain", "watchdog"},
    "store": {"domain", "models", "db", "prepared_rows", "prepared_statements"},
    "queues": set(),
    "live": {"queues"},
    "base_app": {"db", "engines", "queues", "logs"} | SETTINGS,
    "actions": {"domain", "models", "db", "write_limit", "boards", "store", "queues", "live"} | SETTINGS,
    "worker": {"domain", "models", "db", "store", "queues", "live", "actions", "base_app"}
    | {"process", "watchdog"}
    | SETTINGS,
    "web": {"domain", "models", "db", "write_limit", "store", "queues", "live", "actions"} | SETTINGS,
    "cli": {"domain", "models", "db", "store", "live", "actions"} | SETTINGS,
}
WIRING = {"app", "portal"}
DEV_MAY_IMPORT = {"process"} | SETTINGS

MOST_LINES_A_FILE = 300
MOST_FILES_A_FOLDER = 15
MOST_FILES = 360
MOST_LINES_AT_THE_MEDIAN = 8  # of a function
MOST_LINES_AT_THE_NINETIETH = 25  # percentile, of a function


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def part_of(dotted: str) -> str:
    """``portal.store.jobs`` belongs to ``store``; the package itself to the wiring."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


@cache
def imported(path: Path) -> set[str]:
    """Return every module that a module imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            module = node.module or ""
            found |= {f"{module}.{name.name}" for name in node.names}
            found |= {module} - {"portal"}
    return found


def of_portal(path: Path) -> set[str]:
    return {part_of(name) for name in imported(path) if name.split(".")[0] == "portal"}


def own_part(path: Path) -> str:
    relative = path.relative_to(PORTAL)
    return "portal" if str(relative) == "__init__.py" else relative.parts[0].removesuffix(".py")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_module_imports_only_what_its_layer_may() -> None:
    wrong = {}
    for path in modules(PORTAL):
        part = own_part(path)
        if part in WIRING:
            continue
        assert part in MAY_IMPORT, f"{part} belongs to no layer"
        wrong[named(path)] = of_portal(path) - {part} - MAY_IMPORT[part]
    assert not {path: parts for path, parts in wrong.items() if parts}


def test_what_make_run_adds_needs_nothing_of_the_portal_but_its_settings() -> None:
    found = {named(path): of_portal(path) - DEV_MAY_IMPORT for path in modules(DEV)}
    assert not {path: parts for path, parts in found.items() if parts}


def test_nothing_in_the_portal_needs_what_make_run_adds_or_the_tests() -> None:
    foreign = {"dev", "tests"}
    found = [path for path in modules(PORTAL) if {name.split(".")[0] for name in imported(path)} & foreign]
    assert not found


def test_the_domain_knows_neither_flask_nor_sql_nor_a_clock() -> None:
    forbidden = {"flask", "sqlalchemy", "requests", "redis", "rq", "time"}
    for path in modules(PORTAL / "domain"):
        assert not {name.split(".")[0] for name in imported(path)} & forbidden, path
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}), path


def test_no_test_imports_another_test() -> None:
    """What several tests need is in tests/support, or a fixture of their conftest.py."""
    tests = [path for path in modules(ROOT / "tests") if path.stem == "conftest" or path.stem[:5] == "test_"]
    dotted = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in tests}
    for path in modules(ROOT / "tests"):
        assert not imported(path) & dotted, path


def test_queries_know_nothing_of_requests() -> None:
    for path in modules(PORTAL / "store"):
        assert not {name.split(".")[0] for name in imported(path)} & {"flask", "flask_login"}, path


def test_no_alias_of_a_table_is_shared_by_threads() -> None:
    """Its columns are found when they are first asked for: another thread would miss some meanwhile."""
    for path in modules(PORTAL):
        shared = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
        called = [each.func for node in shared for each in ast.walk(node) if isinstance(each, ast.Call)]
        names = {getattr(each, "attr", getattr(each, "id", "")) for each in called}
        assert not names & {"aliased", "alias", "subquery", "cte"}, path


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions_of(path: Path) -> list[int]:
    """Return the length of each function's body in lines, its docstring left out."""
    lengths = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            lengths.append((body[-1].end_lineno or 0) - body[0].lineno + 1)
    return lengths


def test_files_functions_and_folders_have_sizes_that_read_well(capsys: pytest.CaptureFixture[str]) -> None:
    paths = [path for folder in (PORTAL, DEV) for path in modules(folder)]
    lines = {path: lines_of(path) for path in paths}
    filled = [count for count in lines.values() if count]
    functions = [length for path in paths for length in functions_of(path)]
    ninetieth = quantiles(functions, n=10)[-1]
    folders = Counter(path.parent for path in paths)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are for whoever runs the tests
            f"\n{len(filled)} files, {sum(filled):,} lines; a file {median(filled):.0f} lines at the median, "
            f"{max(filled)} at most; a function {median(functions):.0f}, {ninetieth:.0f} at the ninetieth "
            f"percentile, {max(functions)} at most; a folder {max(folders.values())} files at most"
        )
    assert not {named(path): count for path, count in lines.items() if count > MOST_LINES_A_FILE}
    assert not {named(folder): count for folder, count in folders.items() if count > MOST_FILES_A_FOLDER}
    assert len(filled) <= MOST_FILES
    assert median(functions) <= MOST_LINES_AT_THE_MEDIAN
    assert ninetieth <= MOST_LINES_AT_THE_NINETIETH


def test_style_sheets_and_scripts_have_sizes_that_read_well(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {path: lines_of(path) for kind in ("css", "js") for path in sorted(STATIC.rglob(f"*.{kind}"))}
    sheets, scripts = ([lines[path] for path in lines if path.suffix == kind] for kind in (".css", ".js"))
    with capsys.disabled():
        print(  # noqa: T201 - as above
            f"\n{len(sheets)} style sheets, {sum(sheets):,} lines, {max(sheets)} at most; "
            f"{len(scripts)} scripts, {sum(scripts):,} lines, {max(scripts)} at most"
        )
    assert not {named(path): count for path, count in lines.items() if count > MOST_LINES_A_FILE}
