"""The layers of the house, read off the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PORTAL = ROOT / "portal"
DEV = ROOT / "dev"
PRODUCT = [*sorted(PORTAL.rglob("*.py")), *sorted(ROOT.glob("*.py"))]

# What each part may import of the portal, beside itself.
COMMON = {"config", "extensions"}
MAY_IMPORT = {
    "domain": set(),
    "models": {"domain"},
    "greenhouse": {"domain"},
    "store": {"domain", "models"} | COMMON,
    "live": {"queue"},
    "queue": {"redis_client"},
    "redis_client": set(),
    "logs": set(),
    "limits": set(),
    "actions": {"domain", "greenhouse", "store", "live", "queue", "models"} | COMMON,
    "worker": {"actions", "store", "domain", "live", "models", "queue", "process", "create_app"} | COMMON,
    "web": {"actions", "store", "domain", "live", "models", "queue"} | COMMON,
    "cli": {"actions", "store", "domain", "live", "models"} | COMMON,
    "process": set(),
    "config": set(),
    "extensions": {"models"},
}
WIRING = "create_app"


def modules() -> list[Path]:
    return sorted(PORTAL.rglob("*.py"))


def part_of(dotted: str) -> str:
    """``portal.store.jobs`` belongs to ``store``; the package itself is the wiring."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else WIRING


def imported(path: Path) -> set[str]:
    """The parts of the portal that a module imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {part_of(name.name) for name in node.names if name.name.split(".")[0] == "portal"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "portal":
            names = (
                [f"portal.{name.name}" for name in node.names] if node.module == "portal" else [node.module]
            )
            found |= {part_of(name) for name in names}
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
    return found


def own_part(path: Path) -> str:
    relative = path.relative_to(PORTAL)
    return (
        relative.parts[0].removesuffix(".py")
        if relative.name != "__init__.py" or len(relative.parts) > 1
        else WIRING
    )


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PORTAL)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    part = own_part(path)
    if part == WIRING:
        return
    assert part in MAY_IMPORT, f"{part} stands in no layer"
    assert imported(path) - {part} <= MAY_IMPORT[part]


def test_the_domain_knows_neither_flask_nor_sql_nor_a_clock() -> None:
    forbidden = {"flask", "sqlalchemy", "requests", "redis", "rq", "time"}
    for path in (PORTAL / "domain").glob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & forbidden, path
            assert not (isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}), path


def packages(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_product_needs_neither_what_make_run_adds_nor_the_tests(path: Path) -> None:
    assert not packages(path) & {"dev", "tests"}


@pytest.mark.parametrize("path", sorted(DEV.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_make_run_adds_needs_nothing_of_the_portal_but_its_settings(path: Path) -> None:
    assert imported(path) <= {"config", "process"}
    assert "tests" not in packages(path)


@pytest.mark.parametrize("path", sorted((DEV / "demo").rglob("*.py")), ids=lambda path: path.name)
def test_the_demo_board_knows_nothing_of_the_portal(path: Path) -> None:
    assert "portal" not in packages(path)
