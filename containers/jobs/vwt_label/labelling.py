"""Puts the parts together. The files: LABELLING.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vwt_common import contract
from vwt_evaluate.binary import check_labels
from vwt_evaluate.data import MAXIMUM_ROWS, read_rows
from vwt_evaluate.model import Model, ModelError
from vwt_evaluate.values import JobError, JsonObject

from .lines import read_batches
from .outputs import MostUncertain, Parts
from .thresholds import UNSURE, Threshold, thresholds


@dataclass(frozen=True)
class Options:
    """The program's arguments.

    Attributes:
        model: The model's name.
        version: The run's id.
        precision: The precision that automatic labels must have, in (0.5, 1).
        confidence: One-sided confidence level of the precision's lower bound, in (0.5, 1).
        labels: The labels that are given to training rows: `none`, `positives` or `both`.
        maximum_people: Lines that people get.
    """

    model: str
    version: str
    precision: float
    confidence: float
    labels: str
    maximum_people: int


def label(folder: Path, options: Options, train: Path, people: Path) -> JsonObject:
    """Labels the lines that the model is sure of, and chooses those for people.

    Args:
        folder: With `validation/`, `model/*.tar.gz`, and perhaps `unlabelled/`.
        options: Parsed command-line arguments.
        train: Where the parts of labelled rows are written.
        people: Where the lines for people are written.

    Returns:
        The content of `automatic.json`.

    Raises:
        JobError: Data that no precision can be estimated on, a model that cannot score it, or a broken line.
    """
    inputs = contract.JOBS["label"]["inputs"]
    validation = read_rows(folder / inputs["validation"], "validation", MAXIMUM_ROWS)
    check_labels(validation.labels, "validation")
    try:
        model = Model(folder / inputs["model"])
        scores = model.probabilities(validation.features)
    except ModelError as error:
        raise JobError(f"The labelling model cannot be used: {error}") from error
    values = dict(zip(contract.AUTOMATIC_LABELS, ((), (1,), (0, 1)), strict=True))[options.labels]
    limits = thresholds(validation.labels, scores, options.precision, options.confidence)

    parts, uncertain = Parts(train, "automatic"), MostUncertain(options.maximum_people)
    lines, labelled, not_used = 0, {1: 0, 0: 0}, 0
    for batch in read_batches(folder / inputs["unlabelled"], validation.features.shape[1]):
        scores = model.probabilities(batch.features)
        labels = limits.labels(scores)
        sure = labels != UNSURE
        given = batch.in_train & np.isin(labels, values)
        for index in np.flatnonzero(given).tolist():
            value = int(labels[index])
            fields = batch.rows[index].split(",")
            # XGBoost's text parser drops trailing columns that are empty in every row, and keeps those of `nan`.
            parts.add(",".join([str(value), batch.weights[index], *(field or contract.MISSING for field in fields)]))
            labelled[value] += 1
        asked = batch.in_train & ~sure
        unsure = np.flatnonzero(asked)
        uncertain.offer([batch.lines[index] for index in unsure.tolist()], limits.certainties(scores[unsure]))
        lines += len(batch.lines)
        # What a model labelled or chose must not judge models, and some labels are not wanted.
        not_used += int((~given & ~asked).sum())
    parts.flush()
    chosen = uncertain.lines()
    (people / "part-0.jsonl").write_bytes(b"".join(line + b"\n" for line in chosen))
    return {
        "schemaVersion": contract.SCHEMA_VERSIONS["automaticLabels"],
        "model": options.model,
        "version": options.version,
        "unlabelled": lines,
        "validationRows": len(validation.labels),
        "validationPositives": int(validation.labels.sum()),
        "precision": options.precision,
        "confidence": options.confidence,
        "positive": _describe(limits.positive, labelled[1]),
        "negative": _describe(limits.negative, labelled[0]),
        "notUsed": not_used,
        "toPeople": len(chosen),
        "left": uncertain.left,
    }


def _describe(threshold: Threshold | None, labelled: int) -> JsonObject:
    return {
        "threshold": threshold and threshold.score,
        "labelled": labelled,
        "estimatedPrecision": threshold and threshold.precision,
        "lowerBound": threshold and threshold.lower_bound,
    }
