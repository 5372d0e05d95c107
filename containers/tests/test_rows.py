"""Reading the rows of a split: formats, and sets that are larger than what is used of them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from vwt_common import rows as reader
from vwt_evaluate import data


def part(folder: Path, name: str, content: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode())


@pytest.mark.parametrize("batch", [1, 2, 50_000])
def test_ends_of_lines_and_empty_fields_may_be_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(reader, "BATCH_ROWS", batch)
    part(tmp_path, "b.csv", "\r\n0,1,,\r\n1,0.5,2,\r\n")
    part(tmp_path, "a.csv", "\n\n0,0.25,1.5,-2e3\n1,1,,0.1")
    part(tmp_path, "c.csv", "\n")
    rows = data.read_rows(tmp_path, "test", 10)
    assert rows.labels.tolist() == [0, 1, 0, 1]
    assert rows.weights.tolist() == [0.25, 1, 1, 0.5]
    expected = np.array([[1.5, -2e3], [np.nan, 0.1], [np.nan, np.nan], [2, np.nan]], dtype=np.float32)
    np.testing.assert_array_equal(rows.features, expected)
    assert (rows.parts, rows.step, rows.available) == ({"a.csv": 2, "b.csv": 2}, 1, 4)


@pytest.mark.parametrize(("maximum", "step"), [(100, 1), (99, 2), (50, 2), (33, 4), (7, 15), (1, 100)])
def test_every_kth_row_over_all_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maximum: int, step: int) -> None:
    monkeypatch.setattr(reader, "BATCH_ROWS", 3)
    for name, first, end in (("a.csv", 0, 41), ("b.csv", 41, 42), ("c.csv", 42, 100)):
        part(tmp_path / "test", name, "".join(f"{row},{row + 1},{row / 2}\n" for row in range(first, end)))
        groups = "".join(f"{row},g{row % 3}\n" for row in range(first, end))
        part(tmp_path / "context", name, f"row,group\n{groups}")
    rows = data.read_rows(tmp_path / "test", "test", maximum)
    expected = list(range(0, 100, step))
    assert len(expected) <= maximum
    assert rows.labels.tolist() == expected
    assert rows.weights.tolist() == [row + 1 for row in expected]
    assert rows.features[:, 0].tolist() == [row / 2 for row in expected]
    assert rows.available == 100
    groups_of = data.read_groups(tmp_path / "context", rows)
    assert groups_of["row"].tolist() == [str(row) for row in expected]
    assert groups_of["group"].tolist() == [f"g{row % 3}" for row in expected]


def test_the_memory_needed_is_that_of_the_rows_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BATCH_ROWS", 500)
    for name in ("a.csv", "b.csv"):
        part(tmp_path / "test", name, 20_000 * f"1,1{20 * ',0.123456789'}\n")
        part(tmp_path / "context", name, "gender,country\n" + 20_000 * "female,NL\n")
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.csv")) > 9_000_000
    tracemalloc.start()
    rows = data.read_rows(tmp_path / "test", "test", 1000)
    groups = data.read_groups(tmp_path / "context", rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows.labels) == len(groups["gender"]) == 1000
    assert peak < 1_500_000
