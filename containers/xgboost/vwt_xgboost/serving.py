"""`serve`: the booster behind `GET /ping` and `POST /invocations`, text/csv in and out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import waitress
import xgboost as xgb
from numpy.typing import NDArray

from .paths import Paths

Response = tuple[str, str]  # status line, body
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class RequestError(ValueError):
    """A request the model cannot answer; becomes a 400 with this text."""


class Model:
    """A booster that knows how many features it was trained on.

    XGBoost refuses a row with too many columns but answers one with too few, so the width is checked here.
    """

    def __init__(self, path: Path) -> None:
        """Loads a JSON or UBJ booster.

        Raises:
            OSError: The file is not there.
            xgboost.core.XGBoostError: It is not a booster.
        """
        # From memory, because load_model tells the format of a file by its extension and ours has none.
        self._booster = xgb.Booster({"nthread": 1}, model_file=bytearray(path.read_bytes()))
        self.features: int = self._booster.num_features()

    def parse(self, body: str) -> NDArray[np.float32]:
        """CSV without header to an array of shape (rows, features); NaN where the field is empty.

        Raises:
            RequestError: No row, a row of another width, or a field that is no finite number.
        """
        lines = body.splitlines()
        if not lines:
            raise RequestError("The body has no row.")
        rows = np.empty((len(lines), self.features), dtype=np.float32)
        for index, line in enumerate(lines):
            fields = line.split(",")
            if len(fields) != self.features:
                raise RequestError(f"Row {index + 1} has {len(fields)} columns, the model has {self.features}.")
            try:
                rows[index] = [float(field) if field.strip() else np.nan for field in fields]
            except ValueError as error:
                raise RequestError(f"Row {index + 1}: {error}.") from error
        if np.isinf(rows).any():
            raise RequestError("The body has an infinite value.")
        return rows

    def predict(self, rows: NDArray[np.float32]) -> str:
        """One line a row; nine significant digits bring a float32 back exactly."""
        scores = self._booster.inplace_predict(rows).reshape(len(rows), -1)
        return "".join(",".join(f"{score:.9g}" for score in row) + "\n" for row in scores.tolist())


def _invoke(model: Model, environ: dict[str, Any]) -> Response:
    media_type = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
    if media_type != "text/csv":
        return "415 Unsupported Media Type", f"The content type is '{media_type}', send text/csv."
    try:
        return "200 OK", model.predict(model.parse(environ["wsgi.input"].read().decode()))
    except UnicodeDecodeError:
        return "400 Bad Request", "The body is not UTF-8."
    except RequestError as error:
        return "400 Bad Request", str(error)


def create_app(model: Model) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The WSGI application of a loaded model."""
    routes: dict[tuple[str, str], Callable[[dict[str, Any]], Response]] = {
        ("GET", "/ping"): lambda _: ("200 OK", ""),
        ("POST", "/invocations"): lambda environ: _invoke(model, environ),
    }

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        route = routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        status, text = route(environ) if route else ("404 Not Found", "Use GET /ping or POST /invocations.")
        body = text.encode()
        media_type = "text/csv; charset=utf-8" if status.startswith("200") else "text/plain; charset=utf-8"
        start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    return app


def main() -> int:
    """Loads the model and serves until stopped; returns 1 when it cannot be loaded.

    The port is open only once the model is loaded, so `/ping` never lies.
    """
    path = Paths.from_environment().model
    try:
        model = Model(path)
    except (OSError, xgb.core.XGBoostError) as error:
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
