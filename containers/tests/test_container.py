from __future__ import annotations

import functools
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xgboost as xgb

import samples
from vwt_local.containers import build
from vwt_local.processes import Container
from vwt_xgboost.data import read_channel
from vwt_xgboost.errors import UserError
from vwt_xgboost.hyperparameters import parse
from vwt_xgboost.serving import Model, create_app

CONTAINERS = Path(__file__).parents[1]
PARAMETERS = {"objective": "binary:logistic", "num_round": "50", "eval_metric": "logloss,auc", "nthread": "1"}


def prepare(root: Path, parameters: dict[str, str], **channels: str) -> None:
    config = root / "input" / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "hyperparameters.json").write_text(json.dumps(parameters))
    for name, text in channels.items():
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "part.csv").write_text(text)


class Ended(NamedTuple):
    """An exit code, and the lines that were printed."""

    code: int
    lines: list[str]


_built = tempfile.TemporaryDirectory()


@functools.cache
def program(name: str) -> Path:
    """Returns a program in a folder that holds what its Dockerfile copies into the image, and nothing else."""
    folder = Path(_built.name) / name
    build(CONTAINERS / "xgboost" / "Dockerfile", CONTAINERS, folder)
    return folder / name


def train(root: Path) -> Ended:
    lines: list[str] = []
    return Ended(Container(program("train"), root, {}, lines.append).wait(), lines)


def train_on_one_core(root: Path) -> Ended:
    """Trains in a process that nobody has prepared; it inherits the cores of the thread that starts it."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usual)})
    try:
        done = subprocess.run(
            [sys.executable, str(program("train"))],
            env={"SM_ML_ROOT": str(root), "PATH": "/usr/bin:/bin", "OMP_WAIT_POLICY": "passive"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.sched_setaffinity(0, usual)
    return Ended(done.returncode, (done.stdout + done.stderr).splitlines())


def model_file(root: Path) -> Path:
    return root / "model" / "xgboost-model"


def test_docker_may_see_all_that_is_copied() -> None:
    seen = (CONTAINERS / ".dockerignore").read_text().splitlines()
    copies = re.findall(r"^COPY (.+) \S+$", (CONTAINERS / "xgboost" / "Dockerfile").read_text(), re.MULTILINE)
    copied = [source for sources in copies for source in sources.split()]
    assert len(copied) > 3
    assert {f"!{source}" for source in copied} == {line for line in seen if line.startswith("!")}


def test_trains_the_same_model_twice_and_keeps_the_best_round(ml_root: Path) -> None:
    parameters = {**PARAMETERS, "early_stopping_rounds": "3", "subsample": "0.7", "seed": "7"}
    prepare(ml_root, parameters, train=samples.csv(400), validation=samples.csv(200, seed=1))
    first = train(ml_root)
    assert first.code == 0, first.lines
    lines = first.lines
    assert lines[0].startswith("[0]#011train-logloss:")
    assert "#011validation-auc:" in lines[0]
    scores = [float(line.rsplit(":", 1)[1]) for line in lines]
    model = model_file(ml_root).read_bytes()
    booster = xgb.Booster(model_file=bytearray(model))
    assert booster.num_boosted_rounds() == 1 + int(np.argmax(scores)) < len(lines)
    assert train(ml_root).code == 0
    assert model_file(ml_root).read_bytes() == model


@pytest.mark.parametrize("objective", ["binary:logistic", "reg:tweedie"])
def test_the_machine_has_no_part_in_the_model(tmp_path: Path, objective: str) -> None:
    """Neither the number of threads, nor of cores, nor the load changes a byte, although sums are made in parallel."""
    parameters = {"objective": objective, "num_round": "12", "max_depth": "5", "seed": "1", "tree_method": "hist"}
    sampled = {**parameters, "subsample": "0.8", "colsample_bytree": "0.8"}
    rows = samples.csv(3000)
    roots = {}
    for threads in ("", "1", "3", "8"):
        roots[threads] = tmp_path / f"threads-{threads}"
        prepare(roots[threads], {**sampled, **({"nthread": threads} if threads else {})}, train=rows)
    # Side by side, so that each is in the others' way; one has a single core.
    with ThreadPoolExecutor(len(roots)) as pool:
        ended = pool.map(lambda way, root: way(root), (train, train, train_on_one_core, train), roots.values())
    assert [done.code for done in ended] == [0, 0, 0, 0]
    assert len({model_file(root).read_bytes() for root in roots.values()}) == 1


def trained(root: Path) -> tuple[xgb.Booster, list[str]]:
    """Returns the model of a training and the lines it printed."""
    done = train(root)
    assert done.code == 0, done.lines
    return xgb.Booster(model_file=bytearray(model_file(root).read_bytes())), done.lines


def test_goes_on_from_the_newest_checkpoint(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for root in (whole, cut):
        prepare(root, PARAMETERS, train=samples.csv(400), validation=samples.csv(200, seed=1))
    expected, every_line = trained(whole)
    assert not (whole / "checkpoints").exists()
    folder = cut / "checkpoints"
    folder.mkdir()
    prepare(cut, {**PARAMETERS, "num_round": "45"})
    trained(cut)
    # The newest few, of 20, 30 and 40 rounds, one of them damaged when the instance was taken away.
    files = sorted(folder.iterdir())
    assert [path.suffix for path in files] == [".0", ".1", ".2"]
    files[1].write_bytes(b"half a boo")
    # Another training's are of no use.
    prepare(cut, {**PARAMETERS, "eta": "0.1", "num_round": "1"})
    assert trained(cut)[1][0].startswith("[0]")
    prepare(cut, PARAMETERS)
    resumed, lines = trained(cut)
    assert lines == [
        f"The checkpoint {files[1].name} is damaged and passed over.",
        "Training goes on from the checkpoint of 30 rounds.",
        *every_line[30:],
    ]
    assert resumed.num_boosted_rounds() == expected.num_boosted_rounds() == 50
    rows = np.random.default_rng(2).normal(size=(50, samples.FEATURES))
    np.testing.assert_allclose(resumed.inplace_predict(rows), expected.inplace_predict(rows), rtol=1e-5)


@pytest.mark.parametrize("metric", ["logloss", "auc"])
def test_stops_as_early_as_without_an_interruption(tmp_path: Path, metric: str) -> None:
    rounds = {"logloss": "15", "auc": "8"}[metric]
    parameters = {**PARAMETERS, "eval_metric": metric, "early_stopping_rounds": rounds, "eta": "0.2"}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for root in (whole, cut):
        prepare(root, parameters, train=samples.csv(400), validation=samples.csv(200, seed=1))
    expected, every_line = trained(whole)
    assert 10 < len(every_line) < 50
    (cut / "elsewhere").mkdir()
    config = json.dumps({"S3Uri": "s3://x/y", "LocalPath": "/opt/ml/elsewhere"})
    (cut / "input" / "config" / "checkpointconfig.json").write_text(config)
    prepare(cut, {**parameters, "num_round": "10"})
    trained(cut)
    prepare(cut, parameters)
    # From the middle, and then from the end, as if the instance was taken away before the model was written.
    for done in (10, len(every_line) // 10 * 10):
        resumed, lines = trained(cut)
        assert lines[1:] == every_line[done:]
        assert resumed.num_boosted_rounds() == expected.num_boosted_rounds() < len(every_line)


@pytest.mark.parametrize(
    ("parameters", "rows", "cause"),
    [
        ({**PARAMETERS, "depth": "3"}, samples.csv(), "Extraneous hyperparameter found: depth"),
        (PARAMETERS, samples.csv(one_class=True), "one class only"),
        ({**PARAMETERS, "objective": "binary:nothing"}, samples.csv(), "objective: binary:nothing is not in "),
        (
            {**PARAMETERS, "objective": "reg:gamma", "eval_metric": "rmse"},
            samples.csv(),
            "XGB train call failed with exception",
        ),
    ],
)
def test_failures_leave_a_cause(ml_root: Path, parameters: dict[str, str], rows: str, cause: str) -> None:
    prepare(ml_root, parameters, train=rows)
    failed = train(ml_root)
    assert failed.code == 1
    assert cause in (ml_root / "output" / "failure").read_text()
    assert not model_file(ml_root).exists()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "No data in training channel path"),
        ("1\n0\n", "Failed to load csv data"),
        ("\n1,2\n", "Could not determine delimiter"),
        ("1,2,3\n0,a,3\n", "not numeric CSV"),
        ("1,2,3\n0,1\n", "not numeric CSV"),
        ("1,2,\n0,1,\n", "has 3 columns, XGBoost sees 2"),
        (",2,3\n", "row without label"),
        ("1,inf,3\n", "Input data contains `inf`"),
    ],
)
def test_refuses_bad_channels(tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UserError, match=cause):
        read_channel(tmp_path, "train")


def test_reads_several_files_with_missing_fields(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("0,,1,\r\n")
    (tmp_path / "a.csv").write_text("1,2,nan,4\n\n1,,,")
    labels, features = dense(read_channel(tmp_path, "train"))
    nan = float("nan")
    np.testing.assert_array_equal(labels, [1, 1, 0])
    np.testing.assert_array_equal(features, [[2, nan, 4], [nan, nan, nan], [nan, 1, nan]])
    (tmp_path / "c.csv").write_text("1,2\n")
    with pytest.raises(UserError, match=r"c\.csv of the channel 'train' has 2 columns, XGBoost sees 4"):
        read_channel(tmp_path, "train")
    (tmp_path / "c.csv").write_text("")
    with pytest.raises(UserError, match="Could not determine delimiter"):
        read_channel(tmp_path, "train")


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"num_round": "0"}, r"num_round: 0 is not in \[1, inf\]"),
        ({"num_round": "5", "eta": "high"}, "eta: could not parse value"),
    ],
)
def test_refuses_bad_hyperparameters(raw: dict[str, str], cause: str) -> None:
    with pytest.raises(UserError, match=cause):
        parse(raw)


def dense(channel: xgb.DMatrix) -> tuple[Any, Any]:
    """Labels and features of a matrix; NaN where a value is missing."""
    cells = channel.get_data().tocoo()
    features = np.full((channel.num_row(), channel.num_col()), np.nan)
    features[cells.row, cells.col] = cells.data
    return channel.get_label(), features


def ask(model: Model, body: str | bytes, path: str = "/invocations", **environ: str) -> tuple[str, str]:
    """Returns status and text of an answer."""
    statuses: list[str] = []
    payload = io.BytesIO(body.encode() if isinstance(body, str) else body)
    request = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_TYPE": "text/csv", "wsgi.input": payload}
    answer = create_app(model)({**request, **environ}, lambda status, _: statuses.append(status))
    return statuses[0], b"".join(answer).decode()


@pytest.fixture
def model(tmp_path: Path) -> Model:
    path = tmp_path / "xgboost-model"
    path.write_bytes(samples.booster())
    return Model(path)


def test_scores_are_exact(model: Model) -> None:
    rows = np.array([[1, 2, 3, 4], [np.nan] * 4])
    expected = xgb.Booster(model_file=bytearray(samples.booster())).inplace_predict(rows)
    status, text = ask(model, "1,2,3,4\nnan,,nan,\n")
    assert status == "200 OK"
    np.testing.assert_array_equal(np.array(text.split(), dtype=np.float32), expected)


@pytest.mark.parametrize(
    ("body", "status", "cause"),
    [
        ("", "204", ""),
        ("\n", "415", "delimiter"),
        ("1,2,3", "400", "The rows have 3 columns, the model has 4"),
        ("1,2,3,4\n1,2,3,4,5", "415", "row 2 has 5 columns, the first has 4"),
        ("1,2,x,4", "415", "could not convert"),
        ("1,2,inf,4", "415", "inf"),
        (b"1,2,3,\xff", "415", "decode"),
    ],
)
def test_refuses_bad_rows(model: Model, body: str, status: str, cause: str) -> None:
    found, text = ask(model, body)
    assert found.startswith(status)
    assert cause in text


def test_a_booster_without_trees_knows_its_width(tmp_path: Path, model: Model) -> None:
    booster = xgb.Booster(model_file=bytearray(samples.booster()))
    content = json.loads(booster.save_raw("json"))
    trees = content["learner"]["gradient_booster"]["model"]
    trees["gbtree_model_param"]["num_trees"] = "0"
    trees.update(trees=[], tree_info=[], iteration_indptr=[0])
    content["learner"]["learner_model_param"]["base_score"] = "2E-1"
    path = tmp_path / "xgboost-model"
    path.write_text(json.dumps(content))
    initial = Model(path)
    assert ask(initial, "1,2,3,4") == ("200 OK", "0.20000000298023224\n")
    assert ask(initial, "1,2,3")[0].startswith("400")


def test_knows_its_two_paths_only(model: Model) -> None:
    statuses = []
    app = create_app(model)
    for method, path in (("GET", "/ping"), ("GET", "/invocations"), ("POST", "/ping")):
        list(app({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda status, _: statuses.append(status[:3])))
    assert statuses == ["200", "404", "404"]
