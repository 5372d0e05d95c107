"""Names the errors of AWS SDK integrations by the exceptions of the AWS SDK for Java, version 2.

An error that the service model has is `<Service>.<its name>Exception`. What the SDK has no class for, throttling among
it, is the service's general exception (aws/aws-step-functions-data-science-sdk-python#162).
"""

from __future__ import annotations

import functools
from typing import Any

from ..conformance import models


class ErrorNames(dict[str, str]):
    """The exceptions of a service by the codes of its errors, for MiniStack's table of them."""

    def __init__(self, service: str, prefix: str) -> None:
        """Prepares the names.

        Args:
            service: MiniStack's name.
            prefix: The exceptions' prefix.
        """
        super().__init__()
        self._service = service
        self._general = f"{prefix}Exception"

    @functools.cached_property
    def _modelled(self) -> frozenset[str]:
        return frozenset(shape.name for shape in models.model(self._service).error_shapes)

    def get(self, code: str, _default: Any = None) -> str:
        """Returns the exception of a code."""
        if code not in self._modelled:
            return self._general
        return code if code.endswith("Exception") else f"{code.removesuffix('Fault')}Exception"
