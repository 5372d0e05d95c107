"""Checkpoints of training jobs: a folder that is filled from S3 before the program starts, and kept in S3 after."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from .. import threads
from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..objects import Location, RoleStore

_ML = "/opt/ml"
_DEFAULT_PATH = f"{_ML}/checkpoints"
_SYNC_SECONDS = 0.2
# Names of files that SageMaker leaves alone: https://github.com/aws/sagemaker-xgboost-container, checkpointing.
_IGNORED = (".sagemaker-ignore", ".sagemaker-uploading", ".sagemaker-uploaded")


def check(config: JsonObject | None) -> None:
    """Refuses a CheckpointConfig that cannot be.

    Raises:
        ApiError: ValidationException.
    """
    if config is None:
        return
    Location.parse(config["S3Uri"])
    path = PurePosixPath(config.get("LocalPath", _DEFAULT_PATH))
    if ".." in path.parts or path == PurePosixPath(_ML) or not path.is_relative_to(_ML):
        raise validation_error(f"The local emulator needs a CheckpointConfig.LocalPath below {_ML}, not '{path}'.")


class Checkpoints:
    """The checkpoints of one attempt; as on SageMaker, what the program deletes stays in S3."""

    def __init__(self, config: JsonObject, root: Path, store: RoleStore) -> None:
        # As on SageMaker, a prefix without a slash at its end also finds the checkpoints of its longer namesakes.
        self._prefix = Location.parse(config["S3Uri"])
        self._folder = root / PurePosixPath(config.get("LocalPath", _DEFAULT_PATH)).relative_to(_ML)
        self._store = store
        # The objects in S3, by path: size and time of the file that was read or written last.
        self._known: dict[Path, tuple[int, int]] = {}

    def restore(self) -> None:
        """Makes the folder and fills it with what S3 has.

        Raises:
            ApiError: The role may not read it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for key in self._store.list(self._prefix):
            path = self._folder / key.removeprefix(self._prefix.key).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._store.get(Location(self._prefix.bucket, key)))
            self._known[path] = _version(path)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Uploads what changes while the block runs, and what it leaves, whatever ends it.

        Raises:
            ApiError: At the end, when the role may not write.
        """
        ended = threading.Event()
        worker = threads.start(self._upload_until, ended)
        try:
            yield
        finally:
            ended.set()
            worker.join()
            self._upload()

    def _upload_until(self, ended: threading.Event) -> None:
        while not ended.wait(_SYNC_SECONDS):
            try:
                self._upload()
            except (ApiError, FileNotFoundError):
                # A file that was replaced comes next time; what S3 refuses is told at the end.
                continue

    def _upload(self) -> None:
        for path in sorted(path for path in self._folder.rglob("*") if path.is_file()):
            version = _version(path)
            if path.name.endswith(_IGNORED) or self._known.get(path) == version:
                continue
            key = f"{self._prefix.key.rstrip('/')}/{path.relative_to(self._folder).as_posix()}".lstrip("/")
            self._store.put(Location(self._prefix.bucket, key), path.read_bytes())
            self._known[path] = version


def _version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
