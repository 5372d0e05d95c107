"""Which container images can run here: those that `containers/xgboost` stands for."""

from __future__ import annotations

import re

from ministack.core.responses import get_account_id
from ministack.services import ecr

from ..errors import validation_error

_BUILT_IN = re.compile(r".+\.amazonaws\.com/sagemaker-xgboost:3\.0-5")
_ECR = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<image_region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[a-z0-9._/-]+)([:@].+)?"
)


def is_built_in(image: str) -> bool:
    """Whether an image is SageMaker's own XGBoost."""
    return _BUILT_IN.fullmatch(image) is not None


def environment(image: str) -> dict[str, str]:
    """What tells `containers/xgboost` which image it stands for: see its `differences.py`."""
    return {"VWT_ACTS_AS": "built-in"} if is_built_in(image) else {}


def parts(image: str) -> dict[str, str]:
    """The `registry`, `image_region` and `repository` of an image that has been checked."""
    match = _ECR.fullmatch(image)
    return match.groupdict() if match else {}


def check(image: str) -> None:
    """Accepts the built-in XGBoost 3.0-5 and repositories of the caller's own account.

    Raises:
        ApiError: ValidationException saying which images there are.
    """
    if is_built_in(image):
        return
    match = _ECR.fullmatch(image)
    if match is None or match["registry"] != get_account_id():
        raise validation_error(
            f"The local emulator cannot run the image '{image}'; use sagemaker-xgboost:3.0-5 or a repository of the "
            f"account {get_account_id()}."
        )
    if match["repository"] not in ecr._repositories:
        raise validation_error(f"Could not find the ECR repository '{match['repository']}' of the image '{image}'.")
