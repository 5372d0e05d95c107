"""Types and values that every part uses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

JsonObject = dict[str, Any]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
# Features in the precision that XGBoost computes with.
Features = NDArray[np.float32]

# The standard normal distribution's 97.5 % quantile.
Z_95 = 1.959963984540054


class JobError(ValueError):
    """Ends a job that cannot use what it got; its text is one sentence for the operator."""


def number(value: float) -> float | None:
    """Converts a number for JSON, which has neither NaN nor infinity: None for what is undefined."""
    value = float(value)
    return value if math.isfinite(value) else None


def interval(value: float, low: float, high: float) -> JsonObject:
    """Makes an estimate with its 95 % confidence interval."""
    return {"value": number(value), "low": number(low), "high": number(high)}
