"""Style sheets and scripts: their addresses, the modules of a page, and the layers of the cascade."""

import re
from graphlib import TopologicalSorter
from itertools import count
from pathlib import Path
from urllib.parse import urljoin

import pytest

from portal.web import assets
from portal.web.templating import icon
from tests.support.app import Cast, PortalClient

IMPORTED = re.compile(r'^(?:import|\}).*"(\./[^"]+)";$', re.MULTILINE)
SHEETS = sorted(assets.STATIC.rglob("*.css"))


def test_what_a_page_loads_is_there_and_may_be_kept_for_ever(client: PortalClient, cast: Cast) -> None:
    found = re.findall(r'(?:href|src)="?(/assets/[^"> ]+)', client.get("/login").text)
    assert {path.split("/", 3)[3] for path in found} >= {"base.css", "js/app.js", "htmx.js"}
    for path in found:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
        assert set(answer.vary) <= {"Accept-Encoding"}
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/embed/jobs.js", "/robots.txt", "/sitemap.xml", "/assets/base.css"])
def test_what_is_the_same_for_all_is_one_copy_in_every_cache(mara: PortalClient, path: str) -> None:
    answer = mara.get(path)
    assert answer.status_code == 200
    assert set(answer.vary) <= {"Accept-Encoding"}


def test_an_old_version_of_a_file_is_not_kept(client: PortalClient, cast: Cast) -> None:
    for path in ("/assets/base.css", "/assets/0123456789abcdef/base.css"):
        assert client.get(path).headers["Cache-Control"] == "public, no-cache"


def test_the_version_of_all_files_changes_with_each_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr(assets, "monotonic", lambda: next(seconds))
    (tmp_path / "js").mkdir()
    versions = [assets.current_version()]
    for name in ("js/dom.js", "base.css", "js/app.js"):
        (tmp_path / name).write_text("/* the same */")
        versions.append(assets.current_version())
    (tmp_path / "js/dom.js").write_text("/* another */")
    versions.append(assets.current_version())
    assert len(set(versions)) == 5
    assert assets.current_version() == versions[-1]


def test_every_icon_that_a_page_shows_is_in_the_one_drawing_of_them(mara: PortalClient) -> None:
    page = mara.get("/orgs/northwind/jobs/manage").text
    shown = set(re.findall(r'<use href="([^"#]+)#([a-z0-9-]+)"/>', page))
    assert len(shown) > 10
    [address] = {address for address, _ in shown}
    drawing = mara.get(address)
    assert (drawing.mimetype, "immutable" in drawing.headers["Cache-Control"]) == ("image/svg+xml", True)
    assert {name for _, name in shown} <= set(re.findall(r'<symbol id="([^"]+)"', drawing.text))
    with pytest.raises(LookupError):
        icon("no-such-icon")


@pytest.mark.parametrize("name", ["../portal/config.py", "..%2fportal%2fconfig.py", "", "nothing.css", "%00"])
def test_no_other_file_is_an_asset(client: PortalClient, cast: Cast, name: str) -> None:
    for path in (f"/assets/{name}", f"/assets/0123456789abcdef/{name}"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/login", "/orgs/northwind/jobs/new", "/orgs/northwind/jobs/manage"])
def test_a_page_names_every_module_that_it_runs_so_that_none_waits_for_another(
    client: PortalClient, mara: PortalClient, path: str
) -> None:
    page = (client if path == "/login" else mara).get(path).text
    named = re.findall(r'<(?:link rel=modulepreload href=|script type="module" src=")([^">]+)', page)
    waiting, run = re.findall(r'<script type="module" src="([^"]+)"', page), set()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert "immutable" in answer.headers["Cache-Control"], address
        run.add(address)
        waiting += {urljoin(address, name) for name in IMPORTED.findall(answer.text)} - run
    assert sorted(named) == sorted(run)
    classic = re.findall(r'<script src="/assets/\w+/([^"]+)"', page)
    assert classic == ["theme.js", "htmx.js"]
    assert page.count("<script") == len(classic) + page.count('<script type="module" src="')


def test_no_two_modules_import_each_other_and_none_makes_a_global() -> None:
    modules = {path.name: path.read_text() for path in (assets.STATIC / "js").glob("*.js")}
    graph = {name: [each[2:] for each in IMPORTED.findall(text)] for name, text in modules.items()}
    assert {name for names in graph.values() for name in names} <= set(modules)
    TopologicalSorter(graph).prepare()  # raises where there is a circle
    globals_used = {
        use for text in modules.values() for use in re.findall(r"\b(?:window|globalThis)\.\w+", text)
    }
    assert globals_used == {"window.htmx"}
    assert all(text.startswith("// ") for text in modules.values())


def test_a_style_sheet_is_served_with_its_parts_in_their_places_and_without_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    (tmp_path / "jobs").mkdir()
    for name in ("rows", "cells"):
        (tmp_path / f"jobs/{name}.css").write_text(f"/* What\n   it is. */\n.{name} {{}}\n")
    (tmp_path / "jobs.css").write_text('/* Jobs. */\n@import "jobs/rows.css";\n@import "jobs/cells.css";\n')
    served = [asset.content for _ in range(2) if (asset := assets.find_asset("jobs.css"))]
    assert served == [b"\n.rows {}\n.cells {}\n"] * 2
    (tmp_path / "jobs/cells.css").write_text(".another {}\n")
    changed = assets.find_asset("jobs.css")
    assert changed
    assert b".another" in changed.content
    assert b".cells" not in changed.content


def test_every_part_of_a_style_sheet_is_imported_once() -> None:
    imported = [name for sheet in SHEETS for name in re.findall(r'@import "([^"]+)"', sheet.read_text())]
    parts = [path.relative_to(assets.STATIC).as_posix() for path in SHEETS if path.parent != assets.STATIC]
    assert sorted(imported) == sorted(parts)
    for path in SHEETS:
        served = assets.find_asset(path.relative_to(assets.STATIC).as_posix())
        assert served
        assert b"@import" not in served.content


def test_one_statement_orders_every_layer_of_the_cascade() -> None:
    sheets = {path: path.read_text() for path in SHEETS}
    statements = [each for text in sheets.values() for each in re.findall(r"@layer ([^{;]+);", text)]
    assert len(statements) == 1
    used = {name for text in sheets.values() for name in re.findall(r"@layer (\w+) \{", text)}
    assert set(statements[0].split(", ")) == used


def test_a_style_sheet_has_one_declaration_a_line() -> None:
    for sheet in SHEETS:
        for line in sheet.read_text().splitlines():
            assert len(line) <= 120 or "url(" in line, (sheet, line)
            assert re.sub(r"/\*.*|\".*?\"", "", line).count(";") <= 1, (sheet, line)


def test_no_rule_styles_a_whole_page_anew_when_anything_in_it_changes() -> None:
    """Of ``a:has(b) > *`` nothing says which elements it may reach: Chromium takes all, at each change."""
    found = {str(sheet): reaching_all(sheet.read_text()) for sheet in SHEETS}
    assert {name: selectors for name, selectors in found.items() if selectors} == {}


def test_a_rule_that_styles_a_whole_page_anew_is_found() -> None:
    good = (
        ".a:has(b) > .c, .a > :has(b), .a:has(b) p::after, .a:not(:has(b)) #c, .a:has(> b, [c='d']) :is(e, f)"
    )
    bad = (
        ".a:has(> b) > *, .a:is(:has(b), .c) > :not(.d)::before, .a:not(:has(b)) :has(c), .a:has(b) + :hover"
    )
    assert reaching_all(f"{good} {{ }}") == []
    assert len(reaching_all(f"{bad} {{ }}")) == 4


def reaching_all(sheet: str) -> list[str]:
    """The selectors, in short, that go on after a ``:has`` to elements of any kind."""
    text = re.sub(r"\[[^]]*\]", "[]", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    while (shorter := re.sub(r":([\w-]+)\(([^()]*)\)", _in_short, text)) != text:
        text = shorter
    selectors = [each for block in re.findall(r"([^{};@]+)\{", text) for each in block.split(",")]
    return [each.strip() for each in selectors if _reaches_all(each)]


def _in_short(match: re.Match[str]) -> str:
    has = "§" if match[1] == "has" or "§" in match[2] else ""
    return has + ("[]" if match[1] in ("is", "where") else "")


def _reaches_all(selector: str) -> bool:
    *before, last = re.split(r"[\s>+~]+", re.sub(r"::?[\w-]+", "", selector).strip())
    return "§" in "".join(before) and not last.strip("§*&")


def test_a_browser_that_knows_no_pairs_of_colours_has_each_in_its_light_one() -> None:
    tokens = (assets.STATIC / "base/tokens.css").read_text()
    pairs, _, alone = tokens.partition("@supports not (color: light-dark(#000, #fff))")
    light = re.sub(r"light-dark\((rgb\([^)]*\)|[^,]*), (rgb\([^)]*\)|[^)]*)\)", r"\1", pairs)
    changed = {line for line in declarations(light) if line not in declarations(pairs)}
    assert len(changed) > 20
    assert changed == declarations(alone.partition("@media")[0]) - {"color-scheme: light"}


def declarations(css: str) -> set[str]:
    return {" ".join(each.split()) for each in re.findall(r"[a-z-]+: [^;{}]+(?=;)", css)}
