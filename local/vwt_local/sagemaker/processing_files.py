"""The `/opt/ml` of a processing job: inputs and program in, output folders out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..objects import Location, RoleStore
from . import inputs, outputs

_HOST = "algo-1"
_ML = "/opt/ml"
_LOCAL_PATHS = f"{_ML}/processing/"
# `/opt/ml` at the start of an argument, or of the value of `--name=value`.
_ML_PREFIX = re.compile(rf"(^|=){_ML}(?=/|$)")
_INTERPRETER = re.compile(r"(.*/)?python3?(\.\d+)?")
# "ExitMessage contains the first 1 KB of this file": Build Your Own Processing Container, metadata.
_MESSAGE_BYTES = 1024


def check(request: JsonObject) -> None:
    """Refuses a job that cannot run here.

    Raises:
        ApiError: ValidationException saying what is missing or not emulated.
    """
    for entry in request.get("ProcessingInputs", []):
        source = entry.get("S3Input")
        if source is None or source["S3DataType"] != "S3Prefix" or source.get("S3InputMode", "File") != "File":
            raise validation_error(
                f"The input '{entry['InputName']}' is not emulated: give an S3Input of S3DataType S3Prefix and "
                "S3InputMode File."
            )
        Location.parse(source["S3Uri"])
        _check_local_path(source)
    for entry in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
        if "S3Output" not in entry:
            raise validation_error(f"The local emulator writes outputs to S3, not '{entry['OutputName']}'.")
        Location.parse(entry["S3Output"]["S3Uri"])
        _check_local_path(entry["S3Output"])
    entrypoint = request["AppSpecification"].get("ContainerEntrypoint", [])
    if len(entrypoint) < 2 or not _INTERPRETER.fullmatch(entrypoint[0]) or not entrypoint[1].startswith(_LOCAL_PATHS):
        raise validation_error(
            f'The local emulator needs a ContainerEntrypoint like ["python3", "{_LOCAL_PATHS}code/main.py"], '
            f"not {entrypoint}."
        )


def _check_local_path(place: JsonObject) -> None:
    path = place.get("LocalPath", "")
    if not path.startswith(_LOCAL_PATHS) or ".." in PurePosixPath(path).parts:
        raise validation_error(f"LocalPath '{path}' must begin with {_LOCAL_PATHS}.")


@dataclass(frozen=True)
class Files:
    """A job's folder."""

    root: Path
    job: JsonObject

    def _path(self, local: str) -> Path:
        return self.root / PurePosixPath(local).relative_to(_ML)

    @property
    def _outputs(self) -> list[JsonObject]:
        outputs: list[JsonObject] = self.job.get("ProcessingOutputConfig", {}).get("Outputs", [])
        return outputs

    def command(self) -> list[str]:
        """Returns the program and its arguments, in this folder and without the interpreter, which is ours."""
        application = self.job["AppSpecification"]
        words = [*application["ContainerEntrypoint"][1:], *application.get("ContainerArguments", [])]
        return [_ML_PREFIX.sub(lambda found: f"{found[1]}{self.root}", word) for word in words]

    def write_configuration(self) -> None:
        """Writes the two files that SageMaker tells the program by, and makes the folders of the outputs."""
        folder = self.root / "config"
        folder.mkdir(parents=True, exist_ok=True)
        names = ("ProcessingJobArn", "ProcessingJobName", "AppSpecification", "ProcessingInputs", "Environment")
        told = {name: self.job[name] for name in (*names, "ProcessingOutputConfig", "RoleArn") if name in self.job}
        cluster = self.job["ProcessingResources"]["ClusterConfig"]
        resources = {
            "current_host": _HOST,
            "current_instance_type": cluster["InstanceType"],
            "hosts": [_HOST],
            "network_interface_name": "lo",
        }
        (folder / "processingjobconfig.json").write_text(json.dumps(told))
        (folder / "resourceconfig.json").write_text(json.dumps(resources))
        for output in self._outputs:
            self._path(output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def download(self, store: RoleStore) -> None:
        """Fills the inputs.

        Raises:
            ApiError: An input has no object, or the role may not read it.
        """
        for entry in self.job.get("ProcessingInputs", []):
            source = entry["S3Input"]
            try:
                inputs.download(store, Location.parse(source["S3Uri"]), self._path(source["LocalPath"]))
            except ApiError as error:
                message = f"Data download failed: Error for input '{entry['InputName']}': {error.message}"
                raise ApiError(error.code, message) from error

    def message(self) -> str | None:
        """Reads what the program leaves to be said of its end, if anything.

        Raises:
            ApiError: It is not UTF-8, which SageMaker answers by failing the job.
        """
        path = self.root / "output" / "message"
        if not path.is_file():
            return None
        try:
            return path.read_bytes()[:_MESSAGE_BYTES].decode().strip()
        except UnicodeDecodeError as error:
            raise ApiError("ClientError", f"The exit message in {_ML}/output/message is not UTF-8: {error}") from error

    def upload(self, store: RoleStore) -> None:
        """Writes the files of every output to S3, by their names below its folder.

        Raises:
            ApiError: The role may not write them.
        """
        key = self.job.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        for output in self._outputs:
            target = output["S3Output"]
            folder, prefix = self._path(target["LocalPath"]), Location.parse(target["S3Uri"])
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                parts = (prefix.key.strip("/"), path.relative_to(folder).as_posix())
                location = Location(prefix.bucket, "/".join(part for part in parts if part))
                try:
                    outputs.put(store, location, path.read_bytes(), key)
                except ApiError as error:
                    message = f"Data upload failed: the role cannot write {location}: {error.message}"
                    raise ApiError(error.code, message) from error
