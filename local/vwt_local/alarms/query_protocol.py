"""CloudWatch's query protocol, which Terraform's provider speaks: MiniStack leaves half of an alarm out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import _service_model
from ministack.services import cloudwatch

from ..json_service import JsonObject

_SCALARS: dict[str, Callable[[str], object]] = {
    "boolean": lambda text: text == "true",
    "double": float,
    "integer": int,
    "string": str,
    "timestamp": str,
}


def one_statistic(put: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps PutMetricAlarm: an alarm on a percentile has no other statistic, which MiniStack gives it."""

    def handler(params: JsonObject, data: JsonObject, *form: bool) -> Any:
        answer = put(params, data, *form)
        alarm = cloudwatch._alarms.get(data.get("AlarmName"))
        if alarm and alarm.get("ExtendedStatistic"):
            alarm["Statistic"] = None
        return answer

    return handler


def through_json(operation: str, handle: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps one of MiniStack's handlers: a query goes to it as JSON, and its JSON comes back as XML."""

    def handler(params: JsonObject, data: JsonObject, is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return handle(params, data, is_cbor, is_json)
        model = _service_model("cloudwatch").operation_model(operation)
        request = _read(model.input_shape, _tree(params))
        status, _, body = handle({}, request, False, True)
        answer = json.loads(body)
        if status >= 400:
            return cloudwatch._error(answer["__type"], answer["message"], status)
        result = _written(f"{operation}Result", model.output_shape, answer) if model.output_shape else ""
        return cloudwatch._xml(200, f"{operation}Response", result)

    return handler


def _tree(params: JsonObject) -> JsonObject:
    """Parses a query into a tree by the parts of its names; the empty part holds the value."""
    tree: JsonObject = {}
    for name in params:
        node = tree
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[""] = cloudwatch._p(params, name)
    return tree


def _read(shape: Any, node: JsonObject) -> Any:
    """Reads the value of a shape from a node of the tree."""
    if shape.type_name == "structure":
        return {name: _read(member, node[name]) for name, member in shape.members.items() if name in node}
    if shape.type_name == "list":
        items = node.get("member", {})
        return [_read(shape.member, items[number]) for number in sorted(items, key=int)]
    return _SCALARS[shape.type_name](node[""])


def _written(tag: str, shape: Any, value: Any) -> str:
    """Writes a value as an XML element; members that the shape does not have are left out."""
    if value is None:
        return ""
    if shape.type_name == "structure":
        inner = "".join(_written(name, member, value.get(name)) for name, member in shape.members.items())
    elif shape.type_name == "list":
        inner = "".join(_written("member", shape.member, item) for item in value)
    elif shape.type_name == "timestamp":
        inner = datetime.fromtimestamp(value, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    elif shape.type_name == "boolean":
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"
