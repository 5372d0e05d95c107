"""EventBridge's schema registry, which MiniStack lacks: registries, and schemas with their versions.

Source: EventBridge schema registry API reference. What is not there: discovery, code bindings, search and policies.
"""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timezone
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from . import changes
from .conformance.requests import read
from .errors import ApiError
from .json_service import JsonObject, Operation, Response, error_response, output_members

# By name: the registry's own members; by `registry/schema`: those of a schema, and its versions, the newest last.
_registries = AccountRegionScopedDict()
_schemas = AccountRegionScopedDict()
# By ARN.
_tags = AccountRegionScopedDict()

_NAME = re.compile(r"[0-9A-Za-z_.@-]+")
_DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def _arn(kind: str, *names: str) -> str:
    return f"arn:aws:schemas:{get_region()}:{get_account_id()}:{kind}/{'/'.join(names)}"


def authorized_arn(path: str) -> str:
    """Returns the ARN that a caller needs an operation's action on, by the request's path."""
    if path.startswith("/tags/"):
        return path.removeprefix("/tags/")
    names = re.fullmatch(r"/v1/registries/name/([^/]+)(?:/schemas/name/([^/]+))?.*", path)
    if names is None:
        return "*"
    return _arn("schema", names[1], names[2]) if names[2] else _arn("registry", names[1])


def _now() -> str:
    return datetime.fromtimestamp(time.time(), timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _found(records: Any, name: str, what: str) -> JsonObject:
    record: JsonObject | None = records.get(name)
    if record is None:
        raise _error("NotFoundException", f"{what} with name {name.rpartition('/')[2]} does not exist.", 404)
    return record


def _error(code: str, message: str, status: int) -> ApiError:
    return ApiError(code, message, status, {"Code": code.removesuffix("Exception"), "Message": message})


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name.startswith("aws."):
        raise _error(
            "BadRequestException", f"The name '{name}' has other characters than letters, digits and _.-@.", 400
        )


def _check_content(kind: str, content: str) -> None:
    """Refuses what is no schema of its kind; of JSON Schema, only draft 4 is one."""
    try:
        schema = json.loads(content)
    except ValueError as error:
        raise _error("BadRequestException", f"Invalid JSON content: {error}", 400) from error
    if not isinstance(schema, dict):
        raise _error("BadRequestException", "The content is no JSON object.", 400)
    if kind == "JSONSchemaDraft4" and schema.get("$schema") != _DRAFT_4:
        raise _error("BadRequestException", f"Invalid schema content: $schema must be {_DRAFT_4}", 400)
    if kind == "OpenApi3" and not str(schema.get("openapi", "")).startswith("3."):
        raise _error("BadRequestException", "Invalid schema content: openapi must be 3", 400)


def _create_registry(request: JsonObject) -> JsonObject:
    name = request["RegistryName"]
    _check_name(name)
    if name in _registries:
        raise _error("ConflictException", f"Registry with name {name} already exists.", 409)
    arn = _arn("registry", name)
    _tags[arn] = request.get("Tags") or {}
    _registries[name] = {"RegistryName": name, "RegistryArn": arn, "Description": request.get("Description", "")}
    return _describe_registry(request)


def _describe_registry(request: JsonObject) -> JsonObject:
    record = _found(_registries, request["RegistryName"], "Registry")
    return {**record, "Tags": _tags.get(record["RegistryArn"], {})}


def _update_registry(request: JsonObject) -> JsonObject:
    _found(_registries, request["RegistryName"], "Registry")["Description"] = request.get("Description", "")
    return _describe_registry(request)


def _delete_registry(request: JsonObject) -> JsonObject:
    name = request["RegistryName"]
    record = _found(_registries, name, "Registry")
    if any(key.startswith(f"{name}/") for key in _schemas):
        raise _error("BadRequestException", f"Registry {name} is not empty.", 400)
    del _registries[name]
    _tags.pop(record["RegistryArn"], None)
    return {}


def _key(request: JsonObject) -> str:
    return f"{request['RegistryName']}/{request['SchemaName']}"


def _create_schema(request: JsonObject) -> JsonObject:
    _found(_registries, request["RegistryName"], "Registry")
    _check_name(request["SchemaName"])
    _check_content(request["Type"], request["Content"])
    if _key(request) in _schemas:
        raise _error("ConflictException", f"Schema with name {request['SchemaName']} already exists.", 409)
    arn = _arn("schema", request["RegistryName"], request["SchemaName"])
    _tags[arn] = request.get("Tags") or {}
    _schemas[_key(request)] = {
        "SchemaName": request["SchemaName"],
        "SchemaArn": arn,
        "Description": request.get("Description", ""),
        "versions": [],
    }
    return _add_version(request)


def _add_version(request: JsonObject) -> JsonObject:
    record = _found(_schemas, _key(request), "Schema")
    latest = record["versions"][-1] if record["versions"] else {}
    content = {name: request.get(name, latest.get(name)) for name in ("Type", "Content")}
    if content != {name: latest.get(name) for name in content}:
        number = str(int(latest.get("SchemaVersion", 0)) + 1)
        record["versions"].append({**content, "SchemaVersion": number, "VersionCreatedDate": _now()})
    record["LastModified"] = _now()
    return _describe_schema({**request, "SchemaVersion": None})


def _update_schema(request: JsonObject) -> JsonObject:
    record = _found(_schemas, _key(request), "Schema")
    if "Content" in request:
        _check_content(request.get("Type") or record["versions"][-1]["Type"], request["Content"])
    record["Description"] = request.get("Description", record["Description"])
    return _add_version(request)


def _describe_schema(request: JsonObject) -> JsonObject:
    record = _found(_schemas, _key(request), "Schema")
    wanted = request.get("SchemaVersion") or record["versions"][-1]["SchemaVersion"]
    version = next((each for each in record["versions"] if each["SchemaVersion"] == wanted), None)
    if version is None:
        raise _error("NotFoundException", f"Schema version {wanted} does not exist.", 404)
    return {**record, **version, "Tags": _tags.get(record["SchemaArn"], {})}


def _delete_schema(request: JsonObject) -> JsonObject:
    record = _found(_schemas, _key(request), "Schema")
    del _schemas[_key(request)]
    _tags.pop(record["SchemaArn"], None)
    return {}


def _list_versions(request: JsonObject) -> JsonObject:
    record = _found(_schemas, _key(request), "Schema")
    shown = ("SchemaName", "SchemaArn", "SchemaVersion", "Type")
    return {"SchemaVersions": [{name: {**record, **each}[name] for name in shown} for each in record["versions"]]}


def _list_schemas(request: JsonObject) -> JsonObject:
    _found(_registries, request["RegistryName"], "Registry")
    prefix = f"{request['RegistryName']}/{request.get('SchemaNamePrefix', '')}"
    return {
        "Schemas": [
            {
                **{name: record[name] for name in ("SchemaName", "SchemaArn", "LastModified")},
                "VersionCount": len(record["versions"]),
            }
            for key, record in _schemas.items()
            if key.startswith(prefix)
        ]
    }


def _list_registries(request: JsonObject) -> JsonObject:
    prefix = request.get("RegistryNamePrefix", "")
    names = ("RegistryName", "RegistryArn")
    return {"Registries": [{n: each[n] for n in names} for key, each in _registries.items() if key.startswith(prefix)]}


def _tags_of(request: JsonObject) -> dict[str, str]:
    return _found(_tags, request["ResourceArn"], "Resource")


def _untag(request: JsonObject) -> JsonObject:
    for key in request["TagKeys"]:
        _tags_of(request).pop(key, None)
    return {}


_OPERATIONS: dict[str, Operation] = {
    "CreateRegistry": _create_registry,
    "CreateSchema": _create_schema,
    "DeleteRegistry": _delete_registry,
    "DeleteSchema": _delete_schema,
    "DescribeRegistry": _describe_registry,
    "DescribeSchema": _describe_schema,
    "ListRegistries": _list_registries,
    "ListSchemaVersions": _list_versions,
    "ListSchemas": _list_schemas,
    "ListTagsForResource": lambda request: {"Tags": _tags_of(request)},
    "TagResource": lambda request: _tags_of(request).update(request["Tags"]) or {},
    "UntagResource": _untag,
    "UpdateRegistry": _update_registry,
    "UpdateSchema": _update_schema,
}
# The operations that answer with another status than 200.
_STATUS = {"Create": 201, "Delete": 204, "TagResource": 204, "UntagResource": 204}


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    """Answers a request of the service."""
    request = read("schemas", method, path, headers, body, query)
    name = request.operation if request else ""
    try:
        if request is None or name not in _OPERATIONS:
            raise _error("NotFoundException", f"The local emulator has no operation schemas:{name or path}.", 404)
        told = _OPERATIONS[name](request.values)
    except ApiError as error:
        return error_response(error)
    changes.mark()
    status = next((code for start, code in _STATUS.items() if name.startswith(start)), 200)
    return (
        status,
        {"Content-Type": "application/json"},
        b"" if status == 204 else json.dumps(_on_the_wire(name, told)).encode(),
    )


def _on_the_wire(operation: str, told: JsonObject) -> JsonObject:
    """Returns the members that an operation's answer has, by their names in JSON."""
    shapes = output_members("schemas", operation)
    return {shape.serialization.get("name", name): told[name] for name, shape in shapes.items() if name in told}


def get_state() -> JsonObject:
    """Returns everything, for the snapshot."""
    return {"registries": _registries, "schemas": _schemas, "tags": _tags}


def load_persisted_state(state: JsonObject) -> None:
    """Puts a snapshot's state back."""
    for store, name in ((_registries, "registries"), (_schemas, "schemas"), (_tags, "tags")):
        store.update(state[name])


def reset() -> None:
    """Forgets everything."""
    for store in (_registries, _schemas, _tags):
        store.clear()
