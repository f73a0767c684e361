"""Generate `forecourt.ocpp.v16`, `v201` and `v21` from the official JSON schemas.

The schemas are those that the PyPI package `ocpp` carries, read where that package is installed and
never changed. Every object becomes a msgspec struct with the names of the wire, every enumeration a
`Literal`, and every constraint of the schema a constraint of the type, so that decoding validates.
Definitions of the same name and content are emitted once per version; a name that stands for two
different things in one version stops the generator.

    python tools/generate_ocpp.py            write the three files
    python tools/generate_ocpp.py --check    fail if a file is not what would be written
"""

import argparse
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src" / "forecourt" / "ocpp"
VERSIONS = {"v16": "1.6", "v201": "2.0.1", "v21": "2.1"}
IGNORED = frozenset(
    {"description", "javaType", "comment", "default", "title", "$id", "$schema", "additionalItems"}
)
INT64_MAX = "INT64_MAX"

# OCPP 1.6 schemas are written inline; the specification's own names for the types they repeat.
OBJECT_NAMES_16 = {
    "idTagInfo": "IdTagInfo",
    "chargingProfile": "ChargingProfile",
    "csChargingProfiles": "ChargingProfile",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "configurationKey": "KeyValue",
    "localAuthorizationList": "AuthorizationData",
    "meterValue": "MeterValue",
    "sampledValue": "SampledValue",
    "transactionData": "TransactionData",
}
ENUM_NAMES_16 = {
    "IdTagInfo.status": "AuthorizationStatus",
    "BootNotificationResponse.status": "RegistrationStatus",
    "CancelReservationResponse.status": "CancelReservationStatus",
    "ChangeAvailabilityRequest.type": "AvailabilityType",
    "ChangeAvailabilityResponse.status": "AvailabilityStatus",
    "ChangeConfigurationResponse.status": "ConfigurationStatus",
    "ClearCacheResponse.status": "ClearCacheStatus",
    "ClearChargingProfileResponse.status": "ClearChargingProfileStatus",
    "DataTransferResponse.status": "DataTransferStatus",
    "DiagnosticsStatusNotificationRequest.status": "DiagnosticsStatus",
    "FirmwareStatusNotificationRequest.status": "FirmwareStatus",
    "GetCompositeScheduleResponse.status": "GetCompositeScheduleStatus",
    "RemoteStartTransactionResponse.status": "RemoteStartStopStatus",
    "RemoteStopTransactionResponse.status": "RemoteStartStopStatus",
    "ReserveNowResponse.status": "ReservationStatus",
    "ResetRequest.type": "ResetType",
    "ResetResponse.status": "ResetStatus",
    "SendLocalListRequest.updateType": "UpdateType",
    "SendLocalListResponse.status": "UpdateStatus",
    "SetChargingProfileResponse.status": "ChargingProfileStatus",
    "StatusNotificationRequest.errorCode": "ChargePointErrorCode",
    "StatusNotificationRequest.status": "ChargePointStatus",
    "StopTransactionRequest.reason": "Reason",
    "TriggerMessageRequest.requestedMessage": "MessageTrigger",
    "TriggerMessageResponse.status": "TriggerMessageStatus",
    "UnlockConnectorResponse.status": "UnlockStatus",
    "TransactionDataSampledValue.unit": "TransactionDataUnitOfMeasure",
    "chargingProfileKind": "ChargingProfileKindType",
    "chargingProfilePurpose": "ChargingProfilePurposeType",
    "chargingRateUnit": "ChargingRateUnitType",
    "recurrencyKind": "RecurrencyKindType",
    "context": "ReadingContext",
    "format": "ValueFormat",
    "location": "Location",
    "measurand": "Measurand",
    "phase": "Phase",
    "unit": "UnitOfMeasure",
}


class SchemaSurpriseError(Exception):
    """The schemas contain something that this generator does not know; teach it, then run again."""


@dataclass
class Module:
    """One generated module while it grows."""

    key: str
    strings: set[int] = field(default_factory=set)
    enums: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    message_names: set[str] = field(default_factory=set)

    def claim(self, name: str, schema: dict[str, Any]) -> bool:
        """Whether `name` is new; raises if it already stands for something else."""
        content = json.dumps(meaning(schema), sort_keys=True)
        if self.sources.setdefault(name, content) != content:
            raise SchemaSurpriseError(f"{self.key}: {name} stands for two different things")
        return name not in self.objects and name not in self.enums


def meaning(node: Any) -> Any:
    """A schema without the parts that describe rather than constrain."""
    if isinstance(node, dict):
        return {
            key: {name: meaning(child) for name, child in value.items()}
            if key in ("properties", "definitions")
            else meaning(value)
            for key, value in node.items()
            if key not in IGNORED
        }
    return [meaning(item) for item in node] if isinstance(node, list) else node


def schema_folder(key: str) -> Path:
    """Where the installed `ocpp` package keeps the schemas of one version."""
    spec = importlib.util.find_spec("ocpp")
    if spec is None or spec.origin is None:
        raise SchemaSurpriseError("the package `ocpp`, which carries the schemas, is not installed")
    return Path(spec.origin).parent / key / "schemas"


def message_name(key: str, stem: str) -> tuple[str, str, str]:
    """(action, part, struct name) for a schema file."""
    if stem.endswith("Response"):
        return stem.removesuffix("Response"), "response", stem
    if key == "v16":
        return stem, "request", f"{stem}Request"
    return stem.removesuffix("Request"), "request", stem


def type_of(module: Module, owner: str, name: str, node: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The Python annotation for one property, registering whatever types it needs."""
    if "$ref" in node:
        target = node["$ref"].removeprefix("#/definitions/")
        return named_type(module, target, definitions[target], definitions)
    kind = node.get("type")
    if kind is None:
        return "Any"
    if kind == "boolean":
        return "bool"
    if kind == "number":
        return "Number"
    if kind == "integer":
        return integer(node)
    if kind == "string":
        return string(module, owner, name, node)
    if kind == "array":
        return array(module, owner, name, node, definitions)
    if kind == "object":
        struct = OBJECT_NAMES_16[name]
        if owner == "TransactionData":
            struct = owner + struct
        return named_type(module, struct, node, definitions)
    raise SchemaSurpriseError(f"{owner}.{name}: type {kind!r}")


def integer(node: dict[str, Any]) -> str:
    if "minimum" not in node and "maximum" not in node:
        return "Int"
    low = str(int(node["minimum"])) if "minimum" in node else "INT64_MIN"
    high = str(int(node["maximum"])) if "maximum" in node else INT64_MAX
    return f"Annotated[int, Meta(ge={low}, le={high})]"


def string(module: Module, owner: str, name: str, node: dict[str, Any]) -> str:
    if "enum" in node:
        enum = ENUM_NAMES_16.get(f"{owner}.{name}") or ENUM_NAMES_16[name]
        return named_type(module, enum, node, {})
    if node.get("format") == "date-time":
        return "Timestamp"
    if "maxLength" not in node:
        return "str"
    module.strings.add(node["maxLength"])
    return f"String{node['maxLength']}"


def array(module: Module, owner: str, name: str, node: dict[str, Any], definitions: dict[str, Any]) -> str:
    inner = f"list[{type_of(module, owner, name, node['items'], definitions)}]"
    limits = [
        f"{word}={node[key]}"
        for key, word in (("minItems", "min_length"), ("maxItems", "max_length"))
        if key in node
    ]
    return f"Annotated[{inner}, Meta({', '.join(limits)})]" if limits else inner


def named_type(module: Module, name: str, node: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The name of a shared type, emitted on first sight."""
    if name == "CustomDataType":
        return "CustomData"
    if module.claim(name, node | {"definitions": definitions_used(node, definitions)}):
        if "enum" in node:
            module.enums[name] = node["enum"]
        else:
            module.objects[name] = ""
            module.objects[name] = struct_source(
                module, name, node, definitions, doc=f"`{name}` of OCPP {VERSIONS[module.key]}."
            )
    return name


def definitions_used(node: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that a schema refers to, directly or not."""
    found: dict[str, Any] = {}
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            target = str(current.get("$ref", "")).removeprefix("#/definitions/")
            if target and target not in found:
                found[target] = definitions[target]
                pending.append(definitions[target])
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
    return found


def struct_source(
    module: Module, name: str, node: dict[str, Any], definitions: dict[str, Any], *, doc: str
) -> str:
    """The source of one struct: required fields first, in the schema's order."""
    if node.get("additionalProperties") is not False:
        raise SchemaSurpriseError(f"{name} allows additional properties")
    required = set(node.get("required", ()))
    fields: list[str] = []
    checks: list[str] = []
    properties = node.get("properties", {})
    for prop in sorted(properties, key=lambda p: p not in required):
        child = properties[prop]
        annotation = type_of(module, name, prop, child, definitions)
        if prop not in required:
            annotation = f"{annotation} | None = None" if annotation != "Any" else "Any = None"
        fields.append(f"    {prop}: {annotation}")
        if child.get("type") == "number":
            checks.extend(number_checks(prop, child))
    body = [f"class {name}(Payload, kw_only=True):", f'    """{doc}"""', ""]
    if fields:
        body += [*fields, ""]
    if checks:
        body += ["    def __post_init__(self) -> None:", *checks, ""]
    return "\n".join(body)


def number_checks(prop: str, node: dict[str, Any]) -> list[str]:
    checks = []
    if "minimum" in node or "maximum" in node:
        low, high = (None if node.get(k) is None else int(node[k]) for k in ("minimum", "maximum"))
        checks.append(f'        check_range("{prop}", self.{prop}, {low}, {high})')
    if "multipleOf" in node:
        checks.append(f'        check_multiple("{prop}", self.{prop}, "{node["multipleOf"]}")')
    return checks


def build(key: str) -> Module:
    """Read every schema of one version."""
    module = Module(key)
    for path in sorted(schema_folder(key).glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8-sig"))
        action, part, name = message_name(key, path.stem)
        module.messages.setdefault(action, {})[part] = name
        module.message_names.add(name)
        doc = f"`{action}` of OCPP {VERSIONS[key]}, {part}."
        if module.claim(name, schema):
            module.objects[name] = struct_source(module, name, schema, schema.get("definitions", {}), doc=doc)
    return module


def import_order(name: str) -> tuple[bool, bool, str]:
    """Constants, classes, functions: the order that the linter keeps elsewhere."""
    return not name.isupper() and "INT" not in name, not name[0].isupper(), name


def render(module: Module) -> str:
    """The module's source text."""
    carrier = importlib.metadata.version("ocpp")
    body = "\n".join(module.objects.values())
    helpers = sorted(
        word
        for word in (
            "CustomData",
            "Int",
            "Number",
            "Timestamp",
            "check_range",
            "check_multiple",
            "INT64_MAX",
            "INT64_MIN",
        )
        if word in body
    )
    typing_names = [
        w
        for w in ("Annotated", "Any", "Final", "Literal", "TypeAlias")
        if w in body + "Final Literal TypeAlias Annotated"
    ]
    parts = [
        f'"""The messages of OCPP {VERSIONS[module.key]}.\n\n'
        f"Generated by tools/generate_ocpp.py from the JSON schemas in the package ocpp {carrier}. Do not edit.\n"
        '"""\n',
        "from __future__ import annotations\n",
        f"from typing import {', '.join(typing_names)}\n",
        "from msgspec import Meta\n",
        f"from forecourt.ocpp._payload import {', '.join(sorted([*helpers, 'Payload'], key=import_order))}\n",
        "\n".join(
            f"String{n}: TypeAlias = Annotated[str, Meta(max_length={n})]" for n in sorted(module.strings)
        )
        + "\n",
    ]
    for name in sorted(module.enums):
        values = "".join(f'    "{value}",\n' for value in module.enums[name])
        parts.append(f"{name}: TypeAlias = Literal[\n{values}]\n")
    shared = sorted(set(module.objects) - module.message_names)
    for name in [*shared, *sorted(module.message_names)]:
        parts.append("\n" + module.objects[name])
    rows = []
    for action in sorted(module.messages):
        pair = module.messages[action]
        rows.append(f'    "{action}": ({pair["request"]}, {pair.get("response")}),\n')
    parts.append(
        "\nMESSAGES: Final[dict[str, tuple[type[Payload], type[Payload] | None]]] = {\n"
        + "".join(rows)
        + "}\n"
        '"""Every action, with the struct of its request and of its response (`None`: it is never answered)."""\n'
    )
    return "\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Write the modules, or with `--check` report those that are stale."""
    parser = argparse.ArgumentParser(description="Generate the OCPP message structs.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    options = parser.parse_args(arguments)
    stale = []
    for key in VERSIONS:
        path, text = TARGET / f"{key}.py", render(build(key))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(("stale: " if options.check else "written: ") + ", ".join(stale))
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
