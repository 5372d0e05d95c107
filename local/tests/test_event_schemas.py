from __future__ import annotations

import json
from typing import Any

import pytest

import emulator as e

DRAFT_4 = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}


@pytest.fixture(scope="module")
def schemas(emulator: e.Emulator) -> Any:
    client = emulator.client("schemas")
    client.create_registry(RegistryName="events", Description="what follows a prediction", Tags={"team": "vwt"})
    return client


def create(schemas: Any, name: str, content: object = DRAFT_4, kind: str = "JSONSchemaDraft4") -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content)
    made: dict[str, Any] = schemas.create_schema(RegistryName="events", SchemaName=name, Type=kind, Content=text)
    return made


def test_a_schema_has_a_version_for_each_content(schemas: Any) -> None:
    made = create(schemas, "PlayerAssessed")
    assert (made["SchemaVersion"], made["SchemaArn"].partition("schema/")[2]) == ("1", "events/PlayerAssessed")
    name = {"RegistryName": "events", "SchemaName": "PlayerAssessed"}
    changed = json.dumps({**DRAFT_4, "required": ["playerId"]})
    assert schemas.update_schema(**name, Content=changed)["SchemaVersion"] == "2"
    assert schemas.update_schema(**name, Content=changed, Description="d")["SchemaVersion"] == "2"
    found = schemas.describe_schema(**name)
    assert (found["Content"], found["Description"], found["Type"]) == (changed, "d", "JSONSchemaDraft4")
    assert json.loads(schemas.describe_schema(**name, SchemaVersion="1")["Content"]) == DRAFT_4
    versions = schemas.list_schema_versions(**name)["SchemaVersions"]
    assert [each["SchemaVersion"] for each in versions] == ["1", "2"]
    assert [each["SchemaName"] for each in schemas.list_schemas(RegistryName="events")["Schemas"]] == ["PlayerAssessed"]


def test_tags_and_names(schemas: Any) -> None:
    registry = schemas.describe_registry(RegistryName="events")
    assert registry["Description"] == "what follows a prediction"
    schemas.tag_resource(ResourceArn=registry["RegistryArn"], Tags={"more": "1"})
    schemas.untag_resource(ResourceArn=registry["RegistryArn"], TagKeys=["team"])
    assert schemas.list_tags_for_resource(ResourceArn=registry["RegistryArn"])["Tags"] == {"more": "1"}
    code, _ = e.error_of(lambda: schemas.create_registry(RegistryName="events"))
    assert code == "ConflictException"
    code, _ = e.error_of(lambda: schemas.describe_registry(RegistryName="none"))
    assert code == "NotFoundException"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("no JSON", "JSONSchemaDraft4"),
        ({**DRAFT_4, "$schema": "https://json-schema.org/draft/2020-12/schema"}, "JSONSchemaDraft4"),
        (DRAFT_4, "OpenApi3"),
        (DRAFT_4, "Avro"),
    ],
)
def test_what_is_no_schema_is_refused(schemas: Any, content: object, kind: str) -> None:
    code, message = e.error_of(lambda: create(schemas, "wrong", content, kind))
    assert code == "BadRequestException", message


def test_a_registry_goes_once_it_is_empty(schemas: Any) -> None:
    schemas.create_registry(RegistryName="going")
    schemas.create_schema(RegistryName="going", SchemaName="s", Type="OpenApi3", Content='{"openapi":"3.0.0"}')
    code, _ = e.error_of(lambda: schemas.delete_registry(RegistryName="going"))
    assert code == "BadRequestException"
    schemas.delete_schema(RegistryName="going", SchemaName="s")
    schemas.delete_registry(RegistryName="going")
    assert "going" not in [each["RegistryName"] for each in schemas.list_registries()["Registries"]]
