"""Input of jobs: objects of S3 as files."""

from __future__ import annotations

from pathlib import Path

from ..errors import ApiError
from ..objects import Location, RoleStore


def download(store: RoleStore, prefix: Location, folder: Path) -> None:
    """Writes every object below a prefix into a folder, by its name below the prefix, as SageMaker does.

    Args:
        store: S3 in the job's role.
        prefix: The start of the keys; it may be a whole key.
        folder: Made if missing.

    Raises:
        ApiError: There is no object, or the role may not read it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = store.list(prefix)
    if not keys:
        raise ApiError(
            "ClientError",
            f'No S3 objects found under S3 URL "{prefix}" given in input data source. Please ensure that objects '
            f'exist under that S3 prefix and the role "{store.role_arn}" has "s3:ListBucket" '
            "permissions on the bucket.",
        )
    for key in keys:
        path = folder / (key.removeprefix(prefix.key).lstrip("/") or key.rsplit("/", 1)[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(Location(prefix.bucket, key)))
