"""SageMaker's resources: one table of kinds, one way to keep, describe and list them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from .. import changes
from ..errors import ApiError
from ..json_service import JsonObject, output_members

# Members of a record whose names start so are ours and are never shown.
PRIVATE = "_"

_PAGE = 100

# FailureReason of jobs that ran when the emulator ended.
INTERRUPTED = "InternalServerError: the emulator stopped while the job ran. Try it again."


def arn(kind: str, name: str) -> str:
    """Returns a resource's ARN; SageMaker writes names in lower case there."""
    return f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind}/{name.lower()}"


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    Attributes:
        name: The kind's name in `Create<name>`, `<name>Name`, `<name>Arn`, `<name>Status`.
        arn_type: The kind's name in ARNs.
        missing: Message when there is none of a name; `{arn}` and `{name}` stand for what was asked for. Clients match
            on it.
        duplicate: Code and message when there is one already.
        missing_code: Code when there is none.
        newest_first: Whether List begins with the newest when it is not told.
        records: By ARN, per account and region.
    """

    name: str
    arn_type: str
    missing: str
    duplicate: tuple[str, str]
    newest_first: bool = True
    missing_code: str = "ValidationException"
    records: Any = field(default_factory=AccountRegionScopedDict, repr=False)

    def arn(self, name: str) -> str:
        """Returns the ARN of a name, or of an ARN that a client gives in place of a name."""
        return arn(self.arn_type, name.rsplit("/", 1)[-1])

    def get(self, name: str) -> JsonObject:
        """Returns the record of a name.

        Raises:
            ApiError: `missing_code` with the text by which the Terraform provider knows "not found".
        """
        record: JsonObject | None = self.records.get(self.arn(name))
        if record is None:
            raise ApiError(self.missing_code, self.missing.format(arn=self.arn(name), name=name))
        return record

    def check_new(self, name: str) -> None:
        """Refuses a name that is taken.

        Raises:
            ApiError: The kind's `duplicate`.
        """
        if self.arn(name) in self.records:
            code, message = self.duplicate
            raise ApiError(code, message.format(arn=self.arn(name), name=name))

    def add(self, record: JsonObject) -> JsonObject:
        """Keeps a new record, its tags, and gives it ARN and creation time.

        Returns:
            The record.
        """
        resource = self.arn(record[f"{self.name}Name"])
        tags = {tag["Key"]: tag["Value"] for tag in record.pop("Tags", [])}
        record = {**record, f"{self.name}Arn": resource, "CreationTime": time.time()}
        self.records[resource] = record
        TAGS[resource] = tags
        changes.mark()
        return record

    def remove(self, name: str) -> JsonObject:
        """Forgets a record and its tags.

        Raises:
            ApiError: There is none.
        """
        record = self.get(name)
        resource = self.arn(name)
        del self.records[resource]
        TAGS.pop(resource, None)
        changes.mark()
        return record

    def describe(self, name: str) -> JsonObject:
        """Returns the answer of `Describe<kind>`: those members of the record that the API's model has."""
        record = self.get(name)
        return {
            member: record[member] for member in output_members("sagemaker", f"Describe{self.name}") if member in record
        }

    def list(self, request: JsonObject, is_wanted: Callable[[JsonObject], bool] = lambda _: True) -> JsonObject:
        """Returns the answer of `List<kind>s`: filtered, sorted, one page.

        Args:
            request: The operation's request.
            is_wanted: A further filter of records.
        """
        outputs = output_members("sagemaker", f"List{self.name}s")
        key, shape = next((key, shape) for key, shape in outputs.items() if shape.type_name == "list")
        wanted: dict[str, Callable[[str], bool]] = {
            f"{self.name}Name": lambda name: request.get("NameContains", "").lower() in name.lower(),
            f"{self.name}Status": lambda status: request.get("StatusEquals", status) == status,
        }
        records = [
            record
            for record in self.records.values()
            if is_wanted(record) and all(test(record[member]) for member, test in wanted.items() if member in record)
        ]
        by = f"{self.name}Name" if request.get("SortBy") == "Name" else "CreationTime"
        order = request.get("SortOrder") or ("Descending" if self.newest_first else "Ascending")
        records = sorted(records, key=lambda record: record.get(by, ""), reverse=order == "Descending")
        first = int(request.get("NextToken") or 0)
        last = first + request.get("MaxResults", _PAGE)
        page = [{member: record[member] for member in shape.member.members if member in record} for record in records]
        return {key: page[first:last], **({"NextToken": str(last)} if last < len(page) else {})}


class _PackageKind(Kind):
    """The kind of versions of a model package group, whose names are `<group>/<version>`."""

    def arn(self, name: str) -> str:
        """Returns the ARN of a name, or of an ARN that a client gives in place of a name."""
        return arn(self.arn_type, name.rsplit(f":{self.arn_type}/", 1)[-1])


# By ARN: name to value.
TAGS = AccountRegionScopedDict()

MODEL = Kind(
    "Model",
    "model",
    'Could not find model "{arn}".',
    ("ValidationException", 'Cannot create already existing model "{arn}".'),
)
ENDPOINT_CONFIG = Kind(
    "EndpointConfig",
    "endpoint-config",
    'Could not find endpoint configuration "{arn}".',
    ("ValidationException", 'Cannot create already existing endpoint configuration "{arn}".'),
)
ENDPOINT = Kind(
    "Endpoint",
    "endpoint",
    'Could not find endpoint "{arn}".',
    ("ValidationException", 'Cannot create already existing endpoint "{arn}".'),
)
MODEL_PACKAGE_GROUP = Kind(
    "ModelPackageGroup",
    "model-package-group",
    "ModelPackageGroup {arn} does not exist.",
    ("ValidationException", "Model Package Group already exists: {arn}"),
)
TRAINING_JOB = Kind(
    "TrainingJob",
    "training-job",
    "Requested resource not found.",
    (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job with this name "
        "already exists ({arn})",
    ),
    newest_first=False,
)
PROCESSING_JOB = Kind(
    "ProcessingJob",
    "processing-job",
    "Could not find requested job with name: {name}",
    (
        "ResourceInUse",
        "Processing job names must be unique within an AWS account and region, and a processing job with this name "
        "already exists ({arn})",
    ),
    newest_first=False,
)
TRANSFORM_JOB = Kind(
    "TransformJob",
    "transform-job",
    "Could not find requested job with name: {name}",
    (
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})",
    ),
    newest_first=False,
    missing_code="ResourceNotFound",
)
TUNING_JOB = Kind(
    "HyperParameterTuningJob",
    "hyper-parameter-tuning-job",
    "Amazon SageMaker can't find a tuning job called {name}. Type another name.",
    (
        "ResourceInUse",
        "A hyperparameter tuning job with the name, {name}, already exists. Choose a different name.",
    ),
    newest_first=False,
    missing_code="ResourceNotFound",
)
MODEL_PACKAGE = _PackageKind(
    "ModelPackage",
    "model-package",
    "ModelPackage {arn} does not exist.",
    ("ConflictException", "ModelPackage {arn} already exists."),
    newest_first=False,
)
KINDS = (
    MODEL, ENDPOINT_CONFIG, ENDPOINT, MODEL_PACKAGE_GROUP, MODEL_PACKAGE, TRAINING_JOB, PROCESSING_JOB, TRANSFORM_JOB,
    TUNING_JOB,
)  # fmt: skip


def get_state() -> JsonObject:
    """Returns everything, for the snapshot."""
    return {"tags": TAGS, **{kind.name: kind.records for kind in KINDS}}


def load_persisted_state(state: JsonObject) -> None:
    """Puts a snapshot's state back into the stores."""
    TAGS.update(state["tags"])
    for kind in KINDS:
        # A snapshot of an earlier version has fewer kinds.
        kind.records.update(state.get(kind.name, {}))
    for record in TUNING_JOB.records.all_values():
        if record["HyperParameterTuningJobStatus"] in ("InProgress", "Stopping"):
            record.update(HyperParameterTuningJobStatus="Failed", FailureReason=INTERRUPTED)


def reset() -> None:
    """Forgets everything."""
    TAGS.clear()
    for kind in KINDS:
        kind.records.clear()
