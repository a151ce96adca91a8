"""Style sheets: the layers of the cascade, and lines that can be read."""

import re
from pathlib import Path

import pytest

from portal.web.assets import files

SHEETS = sorted(files.STATIC.glob("*.css"))


def test_one_statement_orders_every_layer_of_the_cascade() -> None:
    sheets = {path.name: path.read_text() for path in SHEETS}
    statements = [each for text in sheets.values() for each in re.findall(r"@layer ([^{;]+);", text)]
    assert len(statements) == 1
    used = {name for text in sheets.values() for name in re.findall(r"@layer (\w+) \{", text)}
    assert set(statements[0].split(", ")) == used | {"bootstrap"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_has_one_declaration_a_line(sheet: Path) -> None:
    for line in sheet.read_text().splitlines():
        assert len(line) <= 120 or "url(" in line, line
        assert re.sub(r"/\*.*|\".*?\"", "", line).count(";") <= 1, line
