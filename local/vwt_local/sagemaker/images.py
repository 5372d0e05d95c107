"""The container images that jobs and models may name."""

from __future__ import annotations

import re

from ministack.core.responses import get_account_id
from ministack.services import ecr

from .. import settings
from ..containers import Image
from ..errors import validation_error

_ECR = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<image_region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[a-z0-9._/-]+)([:@].+)?"
)


def _found(name: str) -> Image | None:
    return next((image for image in settings.current().images if image.names.fullmatch(name)), None)


def of(name: str) -> Image:
    """Finds what stands for an image whose name has been checked.

    Raises:
        ValueError: Nothing does, or not any more.
    """
    if image := _found(name):
        return image
    raise ValueError(f"The emulator's table of containers has no image '{name}'.")


def is_built_in(name: str) -> bool:
    """Tells whether an image is one of AWS's algorithms."""
    image = _found(name)
    return image is not None and image.built_in


def parts(image: str) -> dict[str, str]:
    """Returns the `registry`, `image_region` and `repository` of an image that has been checked."""
    match = _ECR.fullmatch(image)
    return match.groupdict() if match else {}


def check(image: str) -> None:
    """Accepts the built-in images and the repositories of the caller's own account that the table knows.

    Raises:
        ApiError: ValidationException saying which images there are.
    """
    if is_built_in(image):
        return
    match = _ECR.fullmatch(image)
    if match is None or match["registry"] != get_account_id() or not _found(image):
        known = ", ".join(image.names.pattern for image in settings.current().images)
        raise validation_error(
            f"The local emulator cannot run the image '{image}'. It can run what these patterns fit, of its own images "
            f"those of repositories of the account {get_account_id()}: {known}."
        )
    if match["repository"] not in ecr._repositories:
        raise validation_error(f"Could not find the ECR repository '{match['repository']}' of the image '{image}'.")
