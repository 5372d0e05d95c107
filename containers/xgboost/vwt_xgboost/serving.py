"""`serve`: a booster behind `/ping`, `/execution-parameters` and `/invocations`, as the built-in XGBoost 3.0-5 is.

Source: algorithm_mode/serve.py, algorithm_mode/serve_utils.py and encoder.py of aws/sagemaker-xgboost-container,
v3.0-5; _encoders.py of aws/sagemaker-containers. Not here: content types other than CSV, answers in RecordIO, chosen
outputs (`SAGEMAKER_INFERENCE_OUTPUT`), pickled models, and more than one model in an archive.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import waitress
import xgboost as xgb
from numpy.typing import NDArray

from vwt_common import rows as reader
from vwt_common.paths import Paths

from .differences import Difference

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_CSV, _JSON, _LINES = "text/csv", "application/json", "application/jsonlines"
# How much of the first line tells the delimiter.
_SNIFFED = 512
_DEFAULT_LIMIT = 6 * 1024 * 1024


class Response(NamedTuple):
    """An answer."""

    status: str
    text: str
    media_type: str = "text/html"


class _RequestError(Exception):
    """Ends a request that is not answered with scores."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.response = Response(status, text)


class Model:
    """The booster of an archive."""

    def __init__(self, path: Path) -> None:
        """Loads a JSON or UBJ booster.

        Raises:
            xgboost.core.XGBoostError: It is not there, or no booster.
        """
        self._booster = xgb.Booster({"nthread": 1}, model_file=str(path))
        self.features: int = self._booster.num_features()

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        """Scores rows of shape (rows, columns); columns that XGBoost misses count as missing values.

        Raises:
            xgboost.core.XGBoostError: More columns than features, or an infinite value.
        """
        # One thread, as serving.py of the built-in has it: a request is small, and others are answered beside it.
        scores: NDArray[np.float32] = self._booster.predict(xgb.DMatrix(rows, nthread=1), validate_features=False)
        return scores


def parse(body: bytes) -> NDArray[np.float64]:
    """Converts CSV without header to an array of shape (rows, columns); NaN where the field is empty.

    Raises:
        ValueError: Not UTF-8, no delimiter to be found, a field that is no number, or rows of different widths.
        csv.Error: No delimiter to be found.
    """
    text = body.strip().decode()
    found = csv.Sniffer().sniff(text.split("\n")[0][:_SNIFFED]).delimiter
    return reader.parse(text, "," if found.isalnum() else found)


def _read(model: Model, environ: dict[str, Any], body: bytes) -> NDArray[np.float64]:
    media_type = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
    if media_type not in ("csv", _CSV):
        raise _RequestError("415 Unsupported Media Type", f"The content type is '{media_type}', send {_CSV}.")
    try:
        rows = parse(body)
        if np.isinf(rows.astype(np.float32)).any():
            raise ValueError("Input data contains `inf` or a value too large")
    except (ValueError, csv.Error) as error:
        text = f"Loading csv data failed with Exception, please ensure data is in csv format:\n {type(error)}\n {error}"
        raise _RequestError("415 Unsupported Media Type", text) from error
    if Difference.CHECKS_THE_FEATURE_COUNT.applies and rows.shape[1] != model.features:
        text = f"The rows have {rows.shape[1]} columns, the model has {model.features}."
        raise _RequestError("400 Bad Request", text)
    return rows


def _accepted(environ: dict[str, Any]) -> str:
    wanted = environ.get("HTTP_ACCEPT", "").split(";")[0].strip()
    if not wanted or wanted == "*/*":
        return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _CSV)
    if wanted.lower() not in (_JSON, _LINES, _CSV):
        raise _RequestError("406 Not Acceptable", f"Accept type {wanted} is not supported.")
    return str(wanted.lower())


def _written(scores: NDArray[np.float32], accepted: str) -> str:
    # A float32 as a float64 with all its digits, as `tolist` gives it there.
    values = scores.tolist()
    if os.environ.get("SAGEMAKER_BATCH"):
        return "".join(f"{value}\n" for value in values)
    if accepted == _JSON:
        return json.dumps({"predictions": [{"score": value} for value in values]})
    rows = scores.reshape(len(scores), -1).tolist()
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _invoke(model: Model, environ: dict[str, Any]) -> Response:
    body: bytes = environ["wsgi.input"].read()
    if len(body) > _limit():
        return Response("413 Request Entity Too Large", f"The body has more than {_limit()} bytes.")
    if not body:
        return Response("204 No Content", "")
    try:
        rows = _read(model, environ, body)
        try:
            scores = model.predict(rows)
        except xgb.core.XGBoostError as error:
            text = f"Unable to evaluate payload provided: {error}"
            raise _RequestError("400 Bad Request", text) from error
        accepted = _accepted(environ)
        if "SAGEMAKER_INFERENCE_OUTPUT" in os.environ:
            # The status with which the built-in refuses an output that an objective does not have.
            raise _RequestError("500 Internal Server Error", "This program has no SAGEMAKER_INFERENCE_OUTPUT.")
        return Response("200 OK", _written(scores, accepted), accepted)
    except _RequestError as error:
        return error.response


def _limit() -> int:
    return int(os.environ.get("MAX_CONTENT_LENGTH", _DEFAULT_LIMIT))


def _execution_parameters() -> Response:
    parameters = {
        "MaxConcurrentTransforms": os.cpu_count(),
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": _limit() // 1024**2,
    }
    return Response("200 OK", json.dumps(parameters), _JSON)


def create_app(model: Model) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Makes the WSGI application of a loaded model."""
    routes: dict[tuple[str, str], Callable[[dict[str, Any]], Response]] = {
        ("GET", "/ping"): lambda _: Response("200 OK", ""),
        ("GET", "/execution-parameters"): lambda _: _execution_parameters(),
        ("POST", "/invocations"): lambda environ: _invoke(model, environ),
    }
    unknown = Response("404 Not Found", "Use GET /ping, GET /execution-parameters or POST /invocations.")

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        route = routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        status, text, media_type = route(environ) if route else unknown
        body = text.encode()
        kind = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app


def main() -> int:
    """Loads the model and serves until stopped; returns 1 when it cannot be loaded.

    The port is open only once the model is loaded, so `/ping` never lies.
    """
    path = Paths.from_environment().model
    try:
        model = Model(path)
    except xgb.core.XGBoostError as error:
        print(f"The model {path.name} cannot be loaded: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
        return 1
    print(f"Serving a model of {model.features} features.", flush=True)
    waitress.serve(
        create_app(model),
        host=os.environ.get("SM_BIND_HOST", "0.0.0.0"),  # noqa: S104  # inside a container there is no other host
        port=int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")),
        threads=4,
        # An idle connection of SageMaker's pool must outlive the pauses between requests.
        channel_timeout=300,
        _quiet=True,
    )
    return 0
