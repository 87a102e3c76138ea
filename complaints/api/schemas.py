"""JSON Schemas (draft 2020-12) of what API v1 takes and gives: they check, and they document."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]


def text(longest: int = 500, **more: Any) -> Schema:
    return {"type": "string", "maxLength": longest, **more}


def listed(item: str, **more: Any) -> Schema:
    return {"type": "array", "items": ref(item), **more}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def item(required: tuple[str, ...], **properties: Schema) -> Schema:
    """An object that holds these properties and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def record(**properties: Schema) -> Schema:
    """An answer: every property is always there."""
    return item(tuple(properties), **properties)


UUID4 = text(36, format="uuid", pattern="^[0-9a-fA-F-]{36}$")
DAY = text(10, format="date")
MOMENT = text(32, format="date-time")
OPTIONAL_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
DEGREES: Schema = {"type": "number"}

SCHEMAS: dict[str, Schema] = {
    "Category": record(code=text(), name=text(), parent=text(), keywords={"type": "array",
                       "items": text()}),
    "Area": record(code=text(), name=text()),
    "PublicCase": record(
        id=UUID4, category=text(), category_name=text(),
        status={"type": "string", "enum": ["open", "closed"]}, state=text(), reported_on=DAY,
        changed_on=DAY, place=text(), longitude=DEGREES, latitude=DEGREES,
    ),
    "PublicCaseList": record(items=listed("PublicCase"), next=text(200)),
    "Report": item(
        ("category",),
        category=text(60), description=text(4000), address=text(200),
        longitude={"type": "number", "minimum": -180, "maximum": 180},
        latitude={"type": "number", "minimum": -90, "maximum": 90},
        phone=text(20), name=text(30),
    ),
    "Receipt": record(id=UUID4, number=text(24), code=text(24)),
    "Rate": record(code=text(), title=text(), numerator={"type": "integer"},
                   denominator={"type": "integer"}, percent={"type": ["number", "null"]},
                   as_of=MOMENT),
    "Month": record(period=text(7), rates=listed("Rate")),
    "WorkCase": record(
        number=text(24), version={"type": "integer"}, state=text(), state_name=text(),
        category=text(), description=text(4000), address=text(), area=text(),
        submitted_at=MOMENT, due_at=OPTIONAL_MOMENT,
    ),
    "WorkCaseList": record(items=listed("WorkCase"), next=text(200)),
    "Offer": record(action=text(), name=text(), inputs={"type": "array", "items": text()}),
    "WorkCaseWhole": record(case=ref("WorkCase"), offers=listed("Offer")),
    "ActInput": item(
        ("action", "version"),
        action=text(40), version={"type": "integer", "minimum": 0}, key=UUID4,
        inputs={"type": "object", "additionalProperties": text(4000), "maxProperties": 20},
    ),
    "Fault": record(field=text(), detail=text()),
    "Problem": item(
        ("type", "title", "status", "detail"),
        type=text(), title=text(), status={"type": "integer"}, detail=text(),
        errors=listed("Fault"), version={"type": "integer"},
    ),
}  # fmt: skip


def inlined(schema: Schema) -> Any:
    """Return a schema with its references replaced by what they name."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return inlined(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
        return {key: inlined(value) for key, value in schema.items()}
    return [inlined(value) for value in schema] if isinstance(schema, list) else schema


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(inlined(SCHEMAS[name]))


def faults_of(name: str, value: Any) -> list[dict[str, str]]:
    """Return what is wrong with ``value``: the field and a sentence; empty when it is right."""
    return [_fault(error) for error in validator(name).iter_errors(value)]


def _fault(error: ValidationError) -> dict[str, str]:
    field = ".".join(str(part) for part in error.absolute_path)
    sentences: Mapping[str, str] = {
        "required": _("A field is missing: %(what)s."),
        "additionalProperties": _("There is no such field: %(what)s."),
        "type": _("This has to be of the type %(what)s."),
        "maxLength": _("At most %(what)s characters."),
    }
    sentence = sentences.get(str(error.validator), _("This value is not allowed (%(what)s)."))
    return {"field": field, "detail": sentence % {"what": _what(error)}}


def _what(error: ValidationError) -> str:
    held = error.instance if isinstance(error.instance, dict) else {}
    if error.validator == "required":
        return ", ".join(name for name in error.schema["required"] if name not in held)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return ", ".join(str(name)[:40] for name in held if name not in known)
    return str(error.validator_value)[:120]
