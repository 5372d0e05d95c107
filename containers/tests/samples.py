"""Small models and data that tests make. Import it before XGBoost, whose threads it bounds."""

from __future__ import annotations

import io
import os
import tarfile

import numpy as np

# For this process, before it loads XGBoost, and for the programs that it starts: threads that spin while they wait for
# each other take ten times as long on cores that are busy.
os.environ["OMP_WAIT_POLICY"] = "passive"
# For this process alone: what it trains and predicts is too small to be worth a second thread.
os.environ["OMP_NUM_THREADS"] = "1"

FEATURES = 4


def booster(seed: int = 0) -> bytes:
    """Returns a small model."""
    import xgboost as xgb  # takes a third of a second, which most tests need not pay

    random = np.random.default_rng(seed)
    rows = random.normal(size=(40, FEATURES))
    labels = np.arange(40) % 2
    trained = xgb.train({"objective": "binary:logistic", "seed": seed}, xgb.DMatrix(rows, labels), 2)
    return bytes(trained.save_raw("ubj"))


def archive(content: bytes, name: str = "xgboost-model") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def csv(rows: int = 60, seed: int = 0, *, one_class: bool = False) -> str:
    """Label first; the label follows the first feature, every seventh field is missing."""
    random = np.random.default_rng(seed)
    lines = []
    for features in random.normal(size=(rows, FEATURES)):
        fields = [f"{value:.4f}" if i % 7 else "" for i, value in enumerate(features, start=len(lines))]
        lines.append(",".join([str(int(features[0] > 0 and not one_class)), *fields]))
    return "\n".join(lines) + "\n"
