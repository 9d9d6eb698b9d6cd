"""The decoders of others are for checking: some are under the GPL."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OTHERS = {"dsmr_parser", "gurux_dlms", "han", "sml", "smllib", "teleinfo"}


@pytest.mark.parametrize("package", ["cem_core", "optimizer", "custom_components"])
def test_nothing_that_is_shipped_imports_the_decoders_of_others(package: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if name.partition(".")[0] in OTHERS
    }
    assert found == set()


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []
