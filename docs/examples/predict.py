"""Sends a batch of records and prints the predictions.

VWT_URL=… VWT_KEY=… python3 docs/examples/predict.py < docs/examples/request.json
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any


def predict(batch: bytes, attempts: int = 5) -> dict[str, Any]:
    """Asks for predictions; again when the service says that it is worth waiting.

    Raises:
        RuntimeError: With the problem's own words, when the batch was refused.
    """
    headers = {"content-type": "application/json", "x-api-key": os.environ["VWT_KEY"]}
    request = urllib.request.Request(os.environ["VWT_URL"], batch, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        seconds = int(error.headers.get("retry-after", 0))
        if seconds == 0 or seconds > 60 or attempts <= 1:
            raise RuntimeError(f"{error.code}: {problem['title']}. {problem['detail']}") from error
    time.sleep(seconds)
    return predict(batch, attempts - 1)


answer = predict(sys.stdin.buffer.read())
for prediction in answer["predictions"]:
    print(prediction["playerId"], prediction["model"], prediction.get("score", "no score"))
for error in answer["errors"]:
    print(error["pointer"], error["message"], file=sys.stderr)
