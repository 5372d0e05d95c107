"""What two loaders make of the same bytes: XGBoost's text parser in training, `vwt_common.rows` everywhere else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from test_container import dense
from vwt_common.rows import parse
from vwt_xgboost import data, differences, serving

Fields = list[list[str]]


@pytest.fixture(autouse=True)
def _built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VWT_ACTS_AS", differences.BUILT_IN)


def table(random: np.random.Generator) -> Fields:
    """Returns a label and fields, missing in both spellings, at the end of all rows too."""
    rows, columns = random.integers(1, 9), random.integers(2, 7)
    spellings = ["", "nan", "0", "-1.5", "2e3", "1e-05", "123456789", "0.1", "+7", ".5", "5."]
    fields = [[str(random.integers(0, 2)), *random.choice(spellings, columns).tolist()] for _ in range(rows)]
    emptied = random.integers(0, columns)
    return [[*row[: len(row) - emptied], *[""] * emptied] for row in fields]


def lines(fields: Fields, end: str = "\n") -> str:
    return "".join(",".join(row) + end for row in fields)


def numbers(fields: Fields) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Returns the naive reading: a field is a number or missing, and each has its column."""
    return np.array([[float(field) if field else math.nan for field in row] for row in fields])


def seen(fields: Fields) -> int:
    """Returns columns that XGBoost sees: to the last that has anything in any row; `nan` is something."""
    return max(index for row in fields for index, field in enumerate(row) if field)


@pytest.mark.parametrize("seed", range(60))
def test_training_sees_what_xgboosts_parser_sees(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = [table(random) for _ in range(random.integers(1, 4))]
    folder = tmp_path / "train"
    folder.mkdir()
    for index, part in enumerate(parts):
        # The last line of a file may lack its end.
        text = lines(part, str(random.choice(["\n", "\r\n", "\n\n"])))
        (folder / f"part-{index}.csv").write_text(text if random.integers(2) else text.rstrip("\r\n"))
    together = [row for part in parts for row in part]
    columns = seen(together)
    labels, features = dense(data.read_channel(folder, "train"))
    expected = numbers([[*row, *[""] * (columns + 1 - len(row))][: columns + 1] for row in together])
    np.testing.assert_array_equal(labels, expected[:, 0])
    np.testing.assert_allclose(features, expected[:, 1:], rtol=1e-6)

    (tmp_path / "one.csv").write_text(lines(together))
    by_xgboost = dense(xgb.DMatrix(f"{tmp_path / 'one.csv'}?format=csv&label_column=0"))
    np.testing.assert_array_equal(labels, by_xgboost[0])
    np.testing.assert_array_equal(features, by_xgboost[1])


@pytest.mark.parametrize("seed", range(60))
def test_an_endpoint_sees_every_column(seed: int) -> None:
    fields = table(np.random.default_rng(seed))
    np.testing.assert_array_equal(parse(lines(fields).removesuffix("\n")), numbers(fields))
    np.testing.assert_array_equal(serving.parse(lines(fields, "\n").encode()), numbers(fields))


@pytest.mark.parametrize("seed", range(200))
def test_an_endpoint_takes_the_numbers_that_numpy_takes(seed: int) -> None:
    """The oracle is what csv_to_dmatrix of the published encoder.py does: texts to an array, and that to floats."""
    random = np.random.default_rng(seed)
    alphabet = [*"0123456789", "", "nan", "NaN", "inf", "-", "+", "e", ".", " ", "\r", "x", "_", "1e400"]
    rows, columns = random.integers(1, 4), random.integers(2, 4)
    fields = [["".join(random.choice(alphabet, random.integers(0, 4))) for _ in range(columns)] for _ in range(rows)]
    if random.integers(4) == 0:
        fields[-1].append("1")
    text = "\n".join(",".join(row) for row in fields)
    try:
        expected = np.array([["nan" if field == "" else field for field in row] for row in fields]).astype(float)
    except ValueError:
        with pytest.raises(ValueError, match="row"):
            parse(text)
    else:
        np.testing.assert_array_equal(parse(text), expected)


@pytest.mark.parametrize(
    ("text", "label", "features"),
    [
        ("0,1,,\n1,2,,\n", 0, [1]),
        ("0,1,nan,nan\n1,2,,\n", 0, [1, math.nan, math.nan]),
        (",1,2\n", 0, [1, 2]),
        ("1,none,2\n", 1, [math.nan, 2]),
        ("1,3 and more,2\n", 1, [3, 2]),
        ("1, ,2\n", 1, [0, 2]),
        ("1,2\n0,3,4\n", 1, [2, math.nan]),
    ],
)
def test_xgboosts_parser_says_nothing_of(tmp_path: Path, text: str, label: float, features: list[float]) -> None:
    (tmp_path / "a.csv").write_text(text)
    labels, rows = dense(data.read_channel(tmp_path, "train"))
    assert labels[0] == label
    np.testing.assert_array_equal(rows[0], features)


@pytest.mark.parametrize(
    ("text", "label", "features"),
    [
        ("0,1,,\n1,2,,\n", 0, [1, math.nan, math.nan]),
        (",1,2\n", math.nan, [1, 2]),
    ],
)
def test_what_the_parsers_see_otherwise(text: str, label: float, features: list[float]) -> None:
    row = parse(text.removesuffix("\n"))[0]
    np.testing.assert_array_equal(row, [label, *features])
