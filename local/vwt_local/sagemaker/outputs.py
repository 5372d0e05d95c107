"""Output of jobs: objects of S3, encrypted with the key that the job names."""

from __future__ import annotations

from .. import keys
from ..objects import Location, RoleStore
from ..roles import acts, table


def put(store: RoleStore, location: Location, body: bytes, key_id: str | None) -> None:
    """Writes an object in the job's role.

    Args:
        store: S3 in that role.
        location: Where the object goes.
        body: Its bytes.
        key_id: KmsKeyId of the job's output configuration; else the bucket says how to encrypt.

    Raises:
        ApiError: The role may not write it, or not use the key.
    """
    if key := keys.arn_of(key_id):
        acts.require(table.OUTPUT_KEY, store.role_arn, output_key=key)
    store.put(location, body, key_id)
