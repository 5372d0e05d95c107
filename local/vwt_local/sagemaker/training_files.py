"""The `/opt/ml` of a training job: configuration and channels in, model archive out."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import ApiError
from ..json_service import JsonObject
from ..objects import Location, RoleStore
from . import inputs, outputs

# One process stands for all instances, so it is the only host.
_HOST = "algo-1"


@dataclass(frozen=True)
class Files:
    """A job's folder."""

    root: Path
    job: JsonObject

    @property
    def _channels(self) -> list[JsonObject]:
        return self.job.get("InputDataConfig") or []

    def write_configuration(self) -> None:
        """Writes the files that SageMaker tells the algorithm by."""
        channels = {
            channel["ChannelName"]: {
                "ContentType": channel.get("ContentType", ""),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                    "S3DataDistributionType", "FullyReplicated"
                ),
                "TrainingInputMode": channel.get("InputMode", "File"),
            }
            for channel in self._channels
        }
        resources = {"current_host": _HOST, "hosts": [_HOST], "network_interface_name": "lo"}
        folder = self.root / "input" / "config"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("hyperparameters", self.job.get("HyperParameters", {})),
            ("inputdataconfig", channels),
            ("resourceconfig", resources),
            ("checkpointconfig", self.job.get("CheckpointConfig")),
        ):
            if content is not None:
                (folder / f"{name}.json").write_text(json.dumps(content))

    def download(self, store: RoleStore) -> None:
        """Fills the channels.

        Raises:
            ApiError: A channel has no object, or the role may not read it.
        """
        for channel in self._channels:
            name = channel["ChannelName"]
            try:
                prefix = Location.parse(channel["DataSource"]["S3DataSource"]["S3Uri"])
                inputs.download(store, prefix, self.root / "input" / "data" / name)
            except ApiError as error:
                message = f"Data download failed: Error for Training channel '{name}': {error.message}"
                raise ApiError(error.code, message) from error

    def failure(self) -> str | None:
        """Reads what the algorithm wrote of its failure."""
        path = self.root / "output" / "failure"
        return path.read_text(errors="replace").strip() if path.is_file() else None

    def has_model(self) -> bool:
        """Tells whether the algorithm left anything to keep."""
        folder = self.root / "model"
        return folder.is_dir() and any(folder.iterdir())

    def upload(self, store: RoleStore) -> Location:
        """Packs the model folder into `<S3OutputPath>/<job>/output/model.tar.gz`.

        Raises:
            ApiError: The role may not write it.
        """
        (self.root / "model").mkdir(parents=True, exist_ok=True)
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            for path in sorted((self.root / "model").iterdir()):
                tar.add(path, arcname=path.name)
        output = Location.parse(self.job["OutputDataConfig"]["S3OutputPath"])
        parts = (output.key.strip("/"), self.job["TrainingJobName"], "output", "model.tar.gz")
        location = Location(output.bucket, "/".join(part for part in parts if part))
        try:
            outputs.put(store, location, archive.getvalue(), self.job["OutputDataConfig"].get("KmsKeyId"))
        except ApiError as error:
            raise ApiError(error.code, f"Please ensure the role can write {location}: {error.message}") from error
        return location
