"""The equations of the model's pages, taken from beside the rows in the code.

A page names the files it is about between two markers; what stands between them is
written from the comments in the functions that build rows there, one a row:

    <!-- rows of optimizer/components/battery.py -->
    <!-- end of rows -->
"""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
import sys

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "model"
_BLOCK = re.compile(
    r"(<!-- rows of ([^>]*?) -->\n).*?(<!-- end of rows -->)", re.DOTALL
)


def rows(source: str) -> Iterator[tuple[str, str]]:
    """Return the name of each function that builds rows, and its equation.

    The equation is empty where no comment stands in the function.
    """
    lines = source.splitlines()
    functions = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)
    ]
    for node in sorted(functions, key=lambda function: function.lineno):
        if any("Constraint(" in ast.unparse(each) for each in node.decorator_list):
            inside = (line.strip() for line in lines[node.lineno - 1 : node.end_lineno])
            comments = [line[1:].strip() for line in inside if line.startswith("#")]
            yield node.name, "; or ".join(comments)


def with_rows(page: str) -> str:
    """Return the text of a page with its rows written anew."""
    return _BLOCK.sub(_written, page)


def _written(block: re.Match[str]) -> str:
    names = block[2].split()
    found = [
        (row if len(names) == 1 else f"{Path(name).stem}.{row}", equation)
        for name in names
        for row, equation in rows((ROOT / name).read_text(encoding="utf-8"))
    ]
    width = max(len(name) for name, _ in found)
    lines = [f"{name:{width}}  {equation}" for name, equation in found]
    return "\n".join([f"{block[1]}```text", *lines, f"```\n{block[3]}"])


def named(page: str) -> set[str]:
    """Return the files that a page takes its rows from."""
    return {name for block in _BLOCK.finditer(page) for name in block[2].split()}


def main() -> None:
    """Write every page, and say which have changed."""
    for page in sorted(PAGES.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        after = with_rows(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
