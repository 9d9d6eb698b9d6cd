"""Load curves as Parquet: the columns of the CSV, times in UTC, energy as int64.

Needs pyarrow, which comes with ``cem[cli]`` and never with Home Assistant.
"""

from collections.abc import Sequence
import io

from cem_core.exchange import csv_form
from cem_core.exchange.curve import CurveError, LoadCurve


def write(curves: Sequence[LoadCurve]) -> bytes:
    """Return the file. Raises `ModuleNotFoundError` where pyarrow is not."""
    import pyarrow as pa  # noqa: PLC0415 - only with the extra `cli`
    from pyarrow import parquet  # noqa: PLC0415

    rows = [
        (
            each.start,
            each.start + curve.resolution,
            curve.meter_id,
            curve.register,
            curve.direction.value,
            each.energy_wh,
            each.status.value,
            curve.billing_of(each),
        )
        for curve in curves
        for each in curve.intervals
    ]
    time = pa.timestamp("s", tz="UTC")
    kinds = (time, time, *(pa.string(),) * 3, pa.int64(), pa.string(), pa.string())
    columns = [
        pa.array(values, type=kind)
        for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    ]
    file = io.BytesIO()
    table = pa.Table.from_arrays(columns, names=list(csv_form.COLUMNS))
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()


def read(data: bytes) -> tuple[LoadCurve, ...]:
    """Return the curves in a file. Raises `CurveError` with the row."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        table = parquet.read_table(io.BytesIO(data))
    except (pa.ArrowException, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise CurveError(f"no Parquet: {reason}") from error
    if tuple(table.column_names) != csv_form.COLUMNS:
        expected = ",".join(csv_form.COLUMNS)
        raise CurveError(f"Parquet: expected the columns {expected}")
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return csv_form.read_rows(
        (f"row {number}", [_cell(cell) for cell in row])
        for number, row in enumerate(rows, 1)
    )


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
