"""The built-in's two kinds of errors, by the names that its log and its failure file show."""

from __future__ import annotations


class UserError(Exception):
    """What the caller can mend: hyperparameters, channels, data."""

    __module__ = "sagemaker_algorithm_toolkit.exceptions"


class AlgorithmError(Exception):
    """What went wrong inside."""

    __module__ = "sagemaker_algorithm_toolkit.exceptions"
