"""Puts the parts together: what `evaluation.json` holds. Its schema: EVALUATION.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vwt_common import contract

from . import baselines, binary, regression
from .data import Rows, Texts, identify, read_groups, read_records, read_rows
from .distributions import Reference, one_a_player, reference
from .model import Model, ModelError
from .subgroups import subgroups
from .values import Floats, JobError, JsonObject

BINARY, REGRESSION = "binary", "regression"
CANDIDATE, CHAMPION = "candidate", "champion"


@dataclass(frozen=True)
class Options:
    """The program's arguments.

    Attributes:
        task: `binary` or `regression`.
        model: The model's name.
        candidate_version: The version of the model to judge.
        champion_version: The version of the model that serves, if one does.
        horizon_days: Days within which what label 1 says happened, if labels have a horizon.
        alert_budget: Share of the rows that may raise an alert.
        age_feature: The 0-based column of the age in years among the features, if there is one.
        risk_thresholds: The least score of each risk group, if the score tells a risk.
        maximum_rows: The most rows that are used of a split.
    """

    task: str
    model: str
    candidate_version: str
    champion_version: str | None
    horizon_days: int | None
    alert_budget: float
    age_feature: int | None
    risk_thresholds: Mapping[str, float] | None
    maximum_rows: int


@dataclass(frozen=True)
class EvaluationResult:
    """The results of an evaluation.

    Attributes:
        result: The content of `evaluation.json`.
        reference: How the held-out rows are distributed, and a sample of them.
        labels: Shape (rows,).
        predictions: Scores of those rows by scorer, the candidate first.
    """

    result: JsonObject
    reference: Reference
    labels: Floats
    predictions: Mapping[str, Floats]


def evaluate(folder: Path, options: Options) -> EvaluationResult:
    """Scores and measures candidate, champion and baselines on the same rows.

    Args:
        folder: With `test/`, `validation/`, `candidate/*.tar.gz`, and perhaps `context/`,
            `records/` and `champion/*.tar.gz`.
        options: Parsed command-line arguments.

    Raises:
        JobError: Data that nothing can be measured on, or a candidate that cannot score it.
    """
    inputs = contract.JOBS["evaluate"]["inputs"]
    test = read_rows(folder / inputs["test"], "test", options.maximum_rows)
    if options.task == BINARY:
        binary.check_labels(test.labels, "test")
    validation = read_rows(folder / inputs["validation"], "validation", options.maximum_rows)
    if validation.features.shape[1] != test.features.shape[1]:
        raise JobError(
            f"The validation data has {validation.features.shape[1]} features, the test data {test.features.shape[1]}."
        )
    attributes = read_groups(folder / inputs["context"], test)
    players = identify(attributes.pop(contract.PLAYER_COLUMN, None), len(test.labels))
    try:
        predictions = {CANDIDATE: _score(folder / inputs[CANDIDATE], test, options)}
    except ModelError as error:
        raise JobError(f"The candidate cannot be evaluated: {error}") from error
    incomparable = None
    if options.champion_version is not None:
        try:
            predictions[CHAMPION] = _score(folder / inputs[CHAMPION], test, options)
        except ModelError as error:
            incomparable = str(error)
    if options.task == BINARY:
        predictions |= baselines.binary(validation, test, options.age_feature)
        metrics, differences = binary.evaluate(test.labels, predictions, options.alert_budget, players)
    else:
        predictions |= baselines.regression(validation, test)
        metrics, differences = regression.evaluate(test.labels, predictions, players)

    models = {
        name: {
            "version": version,
            "metrics": metrics[name],
            "subgroups": _subgroups(options.task, test.labels, predictions[name], attributes, metrics[name]),
        }
        for name, version in ((CANDIDATE, options.candidate_version), (CHAMPION, options.champion_version))
        if name in predictions
    }
    champion = models.get(CHAMPION)
    if incomparable is not None:
        champion = {"version": options.champion_version, "incomparable": incomparable}
    result = {
        "schemaVersion": contract.SCHEMA_VERSIONS["evaluation"],
        "model": options.model,
        "task": options.task,
        "horizonDays": options.horizon_days,
        "data": {**_describe(options.task, test, validation), "players": int(players.max()) + 1},
        "records": read_records(folder / inputs["records"]),
        "candidate": models[CANDIDATE],
        "champion": champion,
        "baselines": {name: {"metrics": each} for name, each in metrics.items() if name not in models},
        "differences": {CHAMPION: None, **differences},
    }
    # The same model has scored the test rows, so it scores these too.
    scores = np.concatenate((_score(folder / inputs[CANDIDATE], validation, options), predictions[CANDIDATE]))
    # Of the traffic a player's latest row is compared.
    kept = one_a_player(np.concatenate((validation.weights, test.weights)))
    held_out = np.concatenate((validation.features, test.features))[kept]
    seen = reference(options.model, options.candidate_version, held_out, scores[kept], options.risk_thresholds)
    return EvaluationResult(result, seen, test.labels, predictions)


def _score(folder: Path, rows: Rows, options: Options) -> Floats:
    model = Model(folder)
    return model.probabilities(rows.features) if options.task == BINARY else model.scores(rows.features)


def _describe(task: str, test: Rows, validation: Rows) -> JsonObject:
    described: JsonObject = {
        "rows": len(test.labels),
        "rowsAvailable": test.available,
        "validationRows": len(validation.labels),
        "validationRowsAvailable": validation.available,
        "features": test.features.shape[1],
        "meanLabel": float(test.labels.mean()),
        "validationMeanLabel": float(validation.labels.mean()),
    }
    return {**described, "positives": int(test.labels.sum())} if task == BINARY else described


def _subgroups(
    task: str, labels: Floats, scores: Floats, attributes: Mapping[str, Texts], metrics: JsonObject
) -> JsonObject:
    measure, gap_of = (binary.subgroup, "recall") if task == BINARY else (regression.subgroup, "meanError")
    return subgroups(labels, scores, attributes, metrics, measure, gap_of)
