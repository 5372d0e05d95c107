"""Checks labels of two classes, without which nothing can be learnt or compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fault(labels: NDArray[Any]) -> str | None:
    """Says what keeps labels from being those of two classes, as the end of a sentence; None when nothing does.

    Args:
        labels: Shape (rows,), finite.
    """
    found = set(np.unique(labels).tolist())
    if not found <= {0.0, 1.0}:
        return "has other labels than 0 and 1"
    if len(found) < 2:
        return f"has one class only ({found.pop():g})"
    return None
