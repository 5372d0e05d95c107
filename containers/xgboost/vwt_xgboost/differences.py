"""Lists where our own image departs from SageMaker's built-in XGBoost 3.0-5; in all else it does as that image.

One program stands for both: the emulator says in `VWT_ACTS_AS` when a job or an endpoint asks for the built-in image.
Source of that side: https://github.com/aws/sagemaker-xgboost-container, tag v3.0-5.
"""

from __future__ import annotations

import os
from enum import Enum

BUILT_IN = "built-in"


class Difference(Enum):
    """A thing that our own image does otherwise, and why."""

    FAILS_IN_ONE_SENTENCE = (
        "The built-in writes a Python traceback first, and SageMaker shows 1,024 characters: the cause may be cut off."
    )
    REFUSES_WHAT_IS_MISREAD = (
        "XGBoost's text parser takes a label that is missing for 0, words for missing values, and leaves out columns "
        "at the end that are empty in every row, all without a word."
    )
    REFUSES_LABELS_OF_ONE_CLASS = (
        "The built-in fails too, but speaks of base_score; with a base_score it trains a constant."
    )
    STOPS_EARLY_OR_NOT_AT_ALL = (
        "Without a validation channel or a metric the built-in trains all rounds and ignores early_stopping_rounds."
    )
    GOES_ON_FROM_CHECKPOINTS = (
        "The built-in saves one checkpoint, of its first round, and looks for it under another name: after an "
        "interruption it begins anew."
    )
    CHECKS_THE_FEATURE_COUNT = (
        "XGBoost answers a row with too few columns as if the others were missing; so does the built-in."
    )

    @property
    def applies(self) -> bool:
        """Tells whether this process is our own image."""
        return os.environ.get("VWT_ACTS_AS") != BUILT_IN
