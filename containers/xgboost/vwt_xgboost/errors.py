"""The built-in's two kinds of errors, by the names that its log and its failure file show."""

from __future__ import annotations


class UserError(Exception):
    """Tells of what the caller can mend: hyperparameters, channels, data."""

    __module__ = "sagemaker_algorithm_toolkit.exceptions"


class AlgorithmError(Exception):
    """Tells of what went wrong inside."""

    __module__ = "sagemaker_algorithm_toolkit.exceptions"
