"""Names the resources that an operation is authorized for."""

from __future__ import annotations

from ..json_service import JsonObject
from .store import KINDS, MODEL_PACKAGE, MODEL_PACKAGE_GROUP, arn

_BY_ARN = ("ResourceArn", "ResourceARN", "ModelPackageArn")
# Lists that belong to one resource.
_LISTS_OF_ONE = ("ListTags", "ListTrainingJobsForHyperParameterTuningJob")
# Resources that are not kept here: the member with the name, the type in the ARN.
_OTHERS = {"Workteam": ("WorkteamName", "workteam/private-crowd"), "LabelingJob": ("LabelingJobName", "labeling-job")}
# The longest name first, so that a group is not taken for a package.
_KINDS = sorted(KINDS, key=lambda kind: -len(kind.name))


def arns(operation: str, request: JsonObject) -> list[str]:
    """Returns the ARNs that a caller needs the operation's action on; `*` for an operation without a resource.

    Documents of AWS differ on CreateModelPackage: some policies name the group, others its packages. Both are asked
    for, and a List is asked for on `*`, so that a policy that suffices here suffices there.
    """
    if operation == "CreateModelPackage":
        group = str(request.get("ModelPackageGroupName", ""))
        return [MODEL_PACKAGE_GROUP.arn(group), MODEL_PACKAGE.arn(f"{group.rsplit('/', 1)[-1]}/*")]
    if operation.startswith("List") and not operation.startswith(_LISTS_OF_ONE):
        return ["*"]
    if named := next((str(request[member]) for member in _BY_ARN if member in request), None):
        return [named]
    kind = next((kind for kind in _KINDS if kind.name in operation), None)
    if kind and f"{kind.name}Name" in request:
        return [kind.arn(str(request[f"{kind.name}Name"]))]
    for name, (member, arn_type) in _OTHERS.items():
        if operation.endswith(name) and member in request:
            return [arn(arn_type, request[member])]
    return ["*"]
