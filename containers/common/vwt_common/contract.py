"""What TypeScript and Python both know: `contracts.json`, which `npm run docs` makes from `contracts/python.ts`.

Values are looked up where they are used, as `contract.PART_BYTES`, so that a test can break each and see what fails.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict


class Job(TypedDict):
    """A processing job's program: its file, and what it reads and writes.

    Attributes:
        program: The file.
        inputs: Folders that it reads, by what is in them.
        outputs: Folders that it writes, by what is in them.
        files: Files in those folders, by what is in them.
        options: Options of its command line, by what they tell.
    """

    program: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    files: Mapping[str, str]
    options: Mapping[str, str]


_KNOWN = json.loads(Path(__file__).with_name("contracts.json").read_text(encoding="utf-8"))

# The parts that a run's rows are split into: those to train on, to validate with, to test with.
SPLITS: Sequence[str] = _KNOWN["splits"]
# What stands for a split where a row goes to the second test, of the latest records.
OUT_OF_TIME: str = _KNOWN["outOfTime"]
# Fields of a line of rows without label.
UNLABELLED: Mapping[str, str] = _KNOWN["unlabelled"]
# Labels that a labelling model may give to training rows.
AUTOMATIC_LABELS: Sequence[str] = _KNOWN["automaticLabels"]
# A missing value in CSV.
MISSING: str = _KNOWN["missing"]
# The most bytes of a part of training rows.
PART_BYTES: int = _KNOWN["partBytes"]
# The last age of each age band, in years; one band more has no end.
AGE_BANDS: Sequence[int] = _KNOWN["ageBands"]
# The column of the rows' context that tells players apart.
PLAYER_COLUMN: str = _KNOWN["playerColumn"]
# The file of a booster in the archive of a model.
BOOSTER: str = _KNOWN["booster"]
# The release of SageMaker's built-in image that ours stands for, and the XGBoost in it.
BUILT_IN_IMAGE: Mapping[str, str] = _KNOWN["builtInImage"]
# Metrics of which more is better.
MAXIMISED_METRICS: Sequence[str] = _KNOWN["maximisedMetrics"]
# Metrics that a gate may be about, by the task of the model, as dotted paths into an evaluation's metrics.
GATE_METRICS: Mapping[str, Sequence[str]] = _KNOWN["gateMetrics"]
JOBS: Mapping[str, Job] = _KNOWN["jobs"]
# Fields that functions read of the documents that jobs write, by document.
DOCUMENTS: Mapping[str, Mapping[str, str]] = _KNOWN["documents"]
# Versions of the documents that jobs write, by document.
SCHEMA_VERSIONS: Mapping[str, int] = _KNOWN["schemaVersions"]
