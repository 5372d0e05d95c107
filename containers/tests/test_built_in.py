"""Our program in the place of SageMaker's built-in XGBoost 3.0-5, and what our own image does otherwise.

Source of every expectation: https://github.com/aws/sagemaker-xgboost-container, tag v3.0-5, by the file named.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import samples
from test_container import PARAMETERS, ask, model_file, prepare
from vwt_common.paths import Paths
from vwt_xgboost import hyperparameters, metrics, training
from vwt_xgboost.differences import BUILT_IN, Difference
from vwt_xgboost.errors import UserError
from vwt_xgboost.serving import Model

NEEDED = {"num_round": "3"}


@pytest.fixture(autouse=True)
def _built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VWT_ACTS_AS", BUILT_IN)


def train(root: Path, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Trains in this process; returns what the failure file says, if it failed."""
    monkeypatch.setenv("SM_ML_ROOT", str(root))
    failure = Paths(root).failure
    failure.unlink(missing_ok=True)
    return failure.read_text() if training.main() else None


def trained(root: Path, monkeypatch: pytest.MonkeyPatch) -> xgb.Booster:
    assert train(root, monkeypatch) is None
    return xgb.Booster(model_file=str(model_file(root)))


def rows(*fields: str, count: int = 60) -> str:
    """Returns a label that alternates, a number, and the given fields."""
    return "".join(",".join([str(row % 2), str(row % 7), *fields]) + "\n" for row in range(count))


def test_columns_that_are_empty_in_every_row_are_lost_and_the_endpoint_refuses_whole_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for spelling, features in (("", 2), ("nan", 4)):
        prepare(tmp_path, PARAMETERS, train=rows("5", spelling, spelling), validation=rows("5", spelling, spelling))
        assert trained(tmp_path, monkeypatch).num_features() == features
        status, text = ask(Model(model_file(tmp_path)), "1,5,nan,nan")
        assert status[:3] == ("400" if spelling == "" else "200"), text
    # data_utils.py reads each channel by itself; one value in one of them is enough.
    prepare(tmp_path, PARAMETERS, train=rows("5", "", ""), validation=rows("5", "", "1"))
    failure = train(tmp_path, monkeypatch)
    assert failure
    assert "Number of columns does not match number of features in booster" in failure


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({**NEEDED, "depth": "3"}, "Extraneous hyperparameter found: depth"),
        ({**NEEDED, "huber_slope": "1"}, "Extraneous"),
        ({**NEEDED, "eta": "1.1"}, r"eta: 1.1 is not in \[0, 1\]"),
        ({**NEEDED, "subsample": "0"}, r"subsample: 0.0 is not in \(0, 1\]"),
        ({**NEEDED, "scale_pos_weight": "0"}, "scale_pos_weight"),
        ({**NEEDED, "tweedie_variance_power": "2"}, r"\(1, 2\)"),
        ({**NEEDED, "base_score": "-1"}, "base_score"),
        ({**NEEDED, "max_depth": "3.0"}, "max_depth: could not parse value"),
        ({**NEEDED, "seed": str(2**31 - 1)}, "seed"),
        ({**NEEDED, "objective": "reg:quantileerror"}, "objective"),
        ({**NEEDED, "objective": "multi:softmax"}, "num_class"),
        ({**NEEDED, "objective": "binary:logistic", "eval_metric": "auc, logloss"}, "eval_metric"),
        ({**NEEDED, "objective": "reg:tweedie", "eval_metric": "auc"}, "'auc' can only be applied"),
        ({**NEEDED, "objective": "binary:logistic", "eval_metric": "logloss@2"}, "eval_metric"),
        ({**NEEDED, "monotone_constraints": "(1,0)"}, "monotone_constraints can be used only"),
        ({**NEEDED, "_tuning_objective_metric": "train:auc"}, "_tuning_objective_metric"),
    ],
)
def test_refuses_the_hyperparameters_that_hyperparameter_validation_py_refuses(
    told: dict[str, str], cause: str
) -> None:
    with pytest.raises(UserError, match=cause):
        hyperparameters.parse(told)


def test_takes_what_hyperparameter_validation_py_takes() -> None:
    told = {
        **NEEDED,
        "objective": "binary:logistic",
        "eval_metric": "error@0.7,auc",
        "reg_lambda": "2",
        "learning_rate": "0.3",
        "seed": "-5",
        "tree_method": "hist",
        "monotone_constraints": "(1,0,-1)",
        "interaction_constraints": "[[1,2],[3]]",
    }
    found = hyperparameters.parse(told)
    assert (found["lambda"], found["eta"], found["eval_metric"]) == (2, 0.3, ["error@0.7", "auc"])
    assert (found["monotone_constraints"], found["interaction_constraints"]) == ((1, 0, -1), [[1, 2], [3]])
    with pytest.raises(KeyError, match="objective"):
        hyperparameters.parse({**NEEDED, "eval_metric": "auc"})


@pytest.mark.parametrize(
    ("channels", "cause"),
    [
        ({"train": {}, "test": {}}, "Extraneous channel found: test"),
        ({"validation": {}}, "Missing required channel: train"),
        ({"train": {"ContentType": "text/csv;label_size=1"}}, "Channel configuration for 'train' channel"),
        ({"train": {"ContentType": "text/csv; charset=utf8"}}, "Channel configuration"),
        ({"train": {"TrainingInputMode": "Pipe"}}, "Channel configuration"),
    ],
)
def test_refuses_the_channels_that_channel_validation_py_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: dict[str, dict[str, str]], cause: str
) -> None:
    whole = {"ContentType": "text/csv", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
    prepare(tmp_path, PARAMETERS, train=rows("5"))
    config = {name: {**whole, **channel} for name, channel in channels.items()}
    (tmp_path / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(config))
    failure = train(tmp_path, monkeypatch)
    assert failure
    assert cause in failure


def test_weighs_the_rows_of_both_channels_as_train_py_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    tables = {
        name: np.column_stack(
            (random.integers(0, 2, count), random.choice([1, 0.25], count), random.random((count, 3)))
        )
        for name, count in (("train", 80), ("validation", 40))
    }
    texts = {name: "".join(",".join(map(repr, row)) + "\n" for row in each.tolist()) for name, each in tables.items()}
    prepare(tmp_path, {**PARAMETERS, "csv_weights": "1"}, **texts)
    matrices = {name: xgb.DMatrix(each[:, 2:], each[:, 0], weight=each[:, 1]) for name, each in tables.items()}
    told = {"objective": PARAMETERS["objective"], "eval_metric": "logloss"}
    history: dict[str, dict[str, list[float]]] = {}
    evals = [(matrix, name) for name, matrix in matrices.items()]
    alone = xgb.train(
        told, matrices["train"], int(PARAMETERS["num_round"]), evals=evals, evals_result=history, verbose_eval=False
    )
    monkeypatch.setenv("SM_ML_ROOT", str(tmp_path))
    here = trained(tmp_path, monkeypatch)
    assert here.num_features() == 3
    scores = [each.predict(matrices["validation"]) for each in (here, alone)]
    np.testing.assert_allclose(*scores, atol=1e-4)
    labels, weights = tables["validation"][:, 0], tables["validation"][:, 1]
    losses = -np.log(np.where(labels == 1, scores[0], 1 - scores[0]))
    assert history["validation"]["logloss"][-1] == pytest.approx(np.average(losses, weights=weights), abs=1e-4)


def test_fails_with_a_traceback_and_the_class_of_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # _trainer.py of aws/sagemaker-containers.
    prepare(tmp_path, {**PARAMETERS, "depth": "3"}, train=rows("5"))
    failure = train(tmp_path, monkeypatch)
    assert failure
    assert failure.startswith("framework error: \nTraceback (most recent call last):\n")
    assert "sagemaker_algorithm_toolkit.exceptions.UserError: Extraneous hyperparameter found: depth" in failure
    # train.py: one class is a matter of XGBoost's base_score there.
    for labels, kind in ((samples.csv(one_class=True), "AlgorithmError"), (rows("5").replace("1,", "2,"), "UserError")):
        prepare(tmp_path, {**PARAMETERS, "base_score": "0.5"} if kind == "UserError" else PARAMETERS, train=labels)
        failure = train(tmp_path, monkeypatch)
        assert failure
        assert f"sagemaker_algorithm_toolkit.exceptions.{kind}: " in failure


def test_measures_and_stops_as_train_utils_py_and_callback_py_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tweedie = {"objective": "reg:tweedie", "tweedie_variance_power": "1.5", "eval_metric": "rmse", "num_round": "40"}
    random = np.random.default_rng(3)

    def amounts() -> str:
        values = random.normal(size=(300, 4))
        labels = np.exp(values[:, 0] + random.normal(size=300)).round(2)
        return "".join(f"{label},{','.join(f'{v:.3f}' for v in row)}\n" for label, row in zip(labels, values))  # noqa: B905

    prepare(tmp_path, {**tweedie, "early_stopping_rounds": "3"}, train=amounts(), validation=amounts())
    booster = trained(tmp_path, monkeypatch)
    printed = capsys.readouterr().out.splitlines()
    # The container computes rmse itself, so XGBoost adds the objective's own metric.
    assert printed[0].split(":")[0] == "[0]#011train-tweedie-nloglik@1.5"
    errors = [float(line.rsplit("validation-rmse:", 1)[1]) for line in printed]
    assert booster.num_boosted_rounds() == 1 + int(np.argmin(errors)) == len(errors) - 3
    # Without a validation channel it trains on.
    (tmp_path / "input" / "data" / "validation" / "part.csv").unlink()
    (tmp_path / "input" / "data" / "validation").rmdir()
    assert trained(tmp_path, monkeypatch).num_boosted_rounds() == 40


def test_the_metric_of_a_tuning_decides_and_the_others_are_sorted() -> None:
    assert metrics.chosen(["logloss", "auc"], "validation:aucpr")[::2] == (["auc", "aucpr", "logloss"], "aucpr")
    assert metrics.chosen(["logloss", "auc"], None)[::2] == (["logloss", "auc"], "auc")
    assert (
        metrics.chosen(["auc"], "validation:auc")[::2] == metrics.chosen([], "validation:auc")[::2] == (["auc"], "auc")
    )
    assert metrics.chosen([], None) == ([], None, None)


def test_an_interrupted_training_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # callback.py and checkpointing.py.
    (tmp_path / "checkpoints").mkdir()
    prepare(tmp_path, {**PARAMETERS, "num_round": "30"}, train=rows("5"))
    for _ in range(2):
        trained(tmp_path, monkeypatch)
        assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["xgboost-checkpoint_0.ubj"]
        assert capsys.readouterr().out.startswith("[0]")


@pytest.fixture
def model(tmp_path: Path) -> Model:
    path = tmp_path / "xgboost-model"
    path.write_bytes(samples.booster())
    return Model(path)


@pytest.mark.parametrize(
    ("body", "environ", "status", "answer"),
    [
        # serve_utils.py compares widths for pickled models only.
        ("1,2,3", {}, "200", ""),
        ("1,2,3,4,5", {}, "400", "Unable to evaluate payload provided"),
        ("1;2;3;4", {}, "200", ""),
        ("1,2,3,4", {"CONTENT_TYPE": "text/csv; charset=utf-8"}, "200", ""),
        ("1,2,3,4", {"CONTENT_TYPE": "image/png"}, "415", ""),
        ("1,2,3,4", {"HTTP_ACCEPT": "application/json"}, "200", '{"predictions": [{"score": 0.'),
        ("1,2,3,4", {"HTTP_ACCEPT": "image/png"}, "406", "image/png"),
        ("1,2,3,4\n\n1,2,3,4", {}, "415", "Loading csv data failed with Exception"),
        ("1,2,3,\r\n1,2,3,4\r\n", {}, "415", "could not convert string to float"),
        ("1,2,3,4\r\n1,2,3,4\r\n", {}, "200", ""),
        ("1," * 3_200_000, {}, "413", ""),
    ],
)
def test_answers_as_serve_py_does(model: Model, body: str, environ: dict[str, str], status: str, answer: str) -> None:
    found, text = ask(model, body, **environ)
    assert found.startswith(status), text
    assert answer in text


def test_other_settings_of_serve_py(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    get: dict[str, Any] = {"REQUEST_METHOD": "GET"}
    parameters = json.loads(ask(model, "", "/execution-parameters", **get)[1])
    assert (parameters["BatchStrategy"], parameters["MaxPayloadInMB"]) == ("MULTI_RECORD", 6)
    monkeypatch.setenv("MAX_CONTENT_LENGTH", str(20 * 1024 * 1024))
    assert json.loads(ask(model, "", "/execution-parameters", **get)[1])["MaxPayloadInMB"] == 20
    real_time = ask(model, "1,2,3,4\n5,6,7,8\n")
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    assert ask(model, "1,2,3,4\n5,6,7,8\n") == real_time
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
    monkeypatch.delenv("SAGEMAKER_BATCH")
    assert json.loads(ask(model, "1,2,3,4")[1])["predictions"][0]["score"] == float(real_time[1].split()[0])


def test_our_own_image_departs_where_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(difference.applies for difference in Difference)
    monkeypatch.delenv("VWT_ACTS_AS")
    assert all(difference.applies and difference.value.endswith(".") for difference in Difference)
