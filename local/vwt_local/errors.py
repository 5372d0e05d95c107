"""The errors that AWS answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ApiError(Exception):
    """Ends a request with an error that the client sees.

    Attributes:
        code: The error's code on AWS, such as `ValidationException`.
        message: Its message; clients match on some of them.
        status: HTTP status.
        members: Further members of the error's body.
    """

    code: str
    message: str
    status: int = 400
    members: dict[str, object] | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def validation_error(message: str) -> ApiError:
    """Makes SageMaker's answer to almost every mistake of a caller, "not found" among them."""
    return ApiError("ValidationException", message)
