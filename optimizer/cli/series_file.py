"""SERIES from a file: CSV by the standard library, parquet by pandas."""

from collections.abc import Sequence
import io
import math
from pathlib import Path
import sys

from optimizer.document import InputError, Problem
from optimizer.series import Table, read_csv, table


def read_series(path: str) -> Table:
    """Return the table in the file at ``path`` (- for CSV on stdin)."""
    if path == "-":
        text = sys.stdin.buffer.read().decode("utf-8-sig")
        return read_csv(io.StringIO(text, newline=""))
    if path.endswith((".parquet", ".pq")):
        return _read_parquet(Path(path))
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return read_csv(file)


def _read_parquet(path: Path) -> Table:
    try:
        import pandas as pd  # noqa: PLC0415 - only with the extra `cli`
        import pyarrow as pa  # noqa: PLC0415
    except ModuleNotFoundError as error:
        text = f"parquet needs the package {error.name}: install cem[cli], or give CSV"
        raise InputError([Problem(text, "series")]) from error
    with path.open("rb") as file:
        try:
            frame = pd.read_parquet(file)
        except (pa.ArrowException, ValueError) as error:
            reason = " ".join(str(error).split())
            problem = Problem(f"no parquet: {reason}", "series")
            raise InputError([problem]) from error
    if "time" not in frame.columns and frame.index.name == "time":
        frame = frame.reset_index()
    columns: dict[str, Sequence[object]] = {
        str(name): _cells(frame[name].tolist()) for name in frame.columns
    }
    return table(columns)


def _cells(values: list[object]) -> list[object]:
    return [_cell(value) for value in values]


def _cell(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return None  # how pandas holds an empty cell
    return value.isoformat() if hasattr(value, "isoformat") else value
