"""Keeps the locks of S3's objects, which MiniStack forgets at every restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import s3

from . import journal

# By their names in the state.
STORES = {"vwtRetention": s3._object_retention, "vwtLegalHold": s3._object_legal_hold}


def locking(apply: Callable[..., None]) -> Callable[..., None]:
    """Wraps `_apply_object_lock_from_headers`: a new object's lock is kept before its writer is answered."""

    def apply_object_lock(bucket: str, key: str, headers: Any, version: str | None) -> None:
        apply(bucket, key, headers, version)
        held = {name: store.get((bucket, key, version)) for name, store in STORES.items()}
        account = get_account_id()
        journal.write(*(("lock", account, name, bucket, key, version, lock) for name, lock in held.items() if lock))

    return apply_object_lock


def restore(read: Callable[[dict[str, Callable[..., None]]], None]) -> None:
    """Restores locks from their facts."""

    def lock(account: str, name: str, bucket: str, key: str, version: str | None, lock: Any) -> None:
        STORES[name].set_scoped(account, None, (bucket, key, version), lock)

    read({"lock": lock})
