"""Puts the parts together: what `evaluation.json` holds. Its schema: EVALUATION.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vwt_common import contract
from vwt_common.labels import fault

from . import baselines, binary, regression
from .data import Rows, Texts, identify, read_cut, read_groups, read_records, read_rows
from .distributions import Reference, one_a_player, reference
from .model import Model, ModelError
from .risk_groups import risk_groups
from .scaling import Scaling
from .subgroups import subgroups
from .values import Floats, Indices, JobError, JsonObject

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
        scaling: Relates the models' answers to scores.
        layout: What the candidate takes and answers, by a hash.
        champion_layout: The same of the champion, which cannot be compared where it is another.
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
    scaling: Scaling
    layout: str
    champion_layout: str
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


@dataclass(frozen=True)
class _Tested:
    """Rows to measure on, and who they are about.

    Attributes:
        rows: Those of the file parts.
        attributes: The rows' groups by attribute.
        players: Shape (rows,), the player of each row, counted from 0.
    """

    rows: Rows
    attributes: Mapping[str, Texts]
    players: Indices

    @classmethod
    def of(cls, rows: Rows, context: Path) -> _Tested:
        """Reads the groups of rows."""
        attributes = read_groups(context, rows)
        players = identify(attributes.pop(contract.PLAYER_COLUMN, None), len(rows.labels))
        return cls(rows, attributes, players)


def evaluate(folder: Path, options: Options) -> EvaluationResult:
    """Scores and measures candidate, champion and baselines on the same rows: held-out players', and the latest.

    Args:
        folder: With `test/`, `validation/`, `candidate/*.tar.gz`, and perhaps `context/`, `out-of-time/`,
            `records/` and `champion/*.tar.gz`.
        options: Parsed command-line arguments.

    Raises:
        JobError: Data that nothing can be measured on, or a candidate that cannot score it.
    """
    inputs = contract.JOBS["evaluate"]["inputs"]
    restore = options.scaling.restore
    test = restore(read_rows(folder / inputs["test"], "test", options.maximum_rows))
    if options.task == BINARY:
        binary.check_labels(test.labels, "test")
    validation = restore(read_rows(folder / inputs["validation"], "validation", options.maximum_rows))
    if validation.features.shape[1] != test.features.shape[1]:
        raise JobError(
            f"The validation data has {validation.features.shape[1]} features, the test data {test.features.shape[1]}."
        )
    compared, predictions = _compare(folder, _Tested.of(test, folder / inputs["context"]), validation, options)
    result = {
        "schemaVersion": contract.SCHEMA_VERSIONS["evaluation"],
        "model": options.model,
        "task": options.task,
        "horizonDays": options.horizon_days,
        "records": read_records(folder / inputs["records"]),
        **compared,
        "outOfTime": _out_of_time(folder, validation, options),
    }
    # The same model has scored the test rows, so it scores these too.
    scores = np.concatenate((_score(folder / inputs[CANDIDATE], validation, options), predictions[CANDIDATE]))
    # Of the traffic a player's latest row is compared.
    kept = one_a_player(np.concatenate((validation.weights, test.weights)))
    held_out = np.concatenate((validation.features, test.features))[kept]
    seen = reference(options.model, options.candidate_version, held_out, scores[kept], options.risk_thresholds)
    return EvaluationResult(result, seen, test.labels, predictions)


def _compare(
    folder: Path, tested: _Tested, validation: Rows, options: Options
) -> tuple[JsonObject, Mapping[str, Floats]]:
    """Measures every scorer; returns the members of the result, and the scores by scorer, the candidate first."""
    rows, inputs = tested.rows, contract.JOBS["evaluate"]["inputs"]
    try:
        predictions = {CANDIDATE: _score(folder / inputs[CANDIDATE], rows, options)}
    except ModelError as error:
        raise JobError(f"The candidate cannot be evaluated: {error}") from error
    incomparable = None
    if options.champion_version is not None and options.champion_layout != options.layout:
        incomparable = f"It takes features {options.champion_layout}, the candidate {options.layout}."
    elif options.champion_version is not None:
        try:
            predictions[CHAMPION] = _score(folder / inputs[CHAMPION], rows, options)
        except ModelError as error:
            incomparable = str(error)
    if options.task == BINARY:
        predictions |= baselines.binary(validation, rows, options.age_feature)
        metrics, differences = binary.evaluate(rows.labels, predictions, options.alert_budget, tested.players)
    else:
        predictions |= baselines.regression(validation, rows, options.scaling)
        metrics, differences = regression.evaluate(rows.labels, predictions, tested.players)
    if options.risk_thresholds is not None:
        for name in (CANDIDATE, CHAMPION):
            if name in predictions:
                metrics[name]["riskGroups"] = risk_groups(
                    rows.labels, predictions[name], rows.weights, tested.players, options.risk_thresholds
                )

    models = {
        name: {
            "version": version,
            "metrics": metrics[name],
            "subgroups": _subgroups(options.task, rows.labels, predictions[name], tested.attributes, metrics[name]),
        }
        for name, version in ((CANDIDATE, options.candidate_version), (CHAMPION, options.champion_version))
        if name in predictions
    }
    champion = models.get(CHAMPION)
    if incomparable is not None:
        champion = {"version": options.champion_version, "incomparable": incomparable}
    compared = {
        "data": {**_describe(options.task, rows, validation), "players": int(tested.players.max()) + 1},
        "candidate": models[CANDIDATE],
        "champion": champion,
        "baselines": {name: {"metrics": each} for name, each in metrics.items() if name not in models},
        "differences": {CHAMPION: None, **differences},
    }
    return compared, predictions


def _out_of_time(folder: Path, validation: Rows, options: Options) -> JsonObject:
    """Measures the latest rows, or says why that cannot be: `from` is the day that they begin with."""
    job = contract.JOBS["evaluate"]
    place = folder / job["inputs"]["outOfTime"]
    cut = read_cut(place)
    first = cut.day and cut.day.isoformat()
    if not any(path.stat().st_size for path in place.glob("*.csv")):
        return {"from": first, "unmeasured": cut.why or "no labelled record is as late"}
    rows = options.scaling.restore(read_rows(place, "out-of-time", options.maximum_rows))
    if options.task == BINARY and (problem := fault(rows.labels)):
        return {"from": first, "unmeasured": f"the data {problem}"}
    tested = _Tested.of(rows, place / job["files"]["outOfTimeContext"])
    return {"from": first, **_compare(folder, tested, validation, options)[0]}


def _score(folder: Path, rows: Rows, options: Options) -> Floats:
    model = Model(folder)
    answers = model.probabilities(rows.features) if options.task == BINARY else model.scores(rows.features)
    return options.scaling.scales(rows.features) * answers


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
