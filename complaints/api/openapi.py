"""The OpenAPI 3.1 document of API v1, made from the table that answers; and its page for people."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.api import v1  # noqa: F401  fills the table
from complaints.api.operations import TABLE, Operation, Parameter
from complaints.api.problems import answer
from complaints.api.schemas import SCHEMAS, ref

VERSION = "1.0.0"


def document() -> dict[str, Any]:
    """Return the document. No query."""
    paths = {
        f"/{path}": {method.lower(): _operation(o) for method, o in TABLE.at(path).items()}
        for path in TABLE.paths()
    }
    key = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("Gongzhi API"),
            "version": VERSION,
            "description": _("Errors are application/problem+json (RFC 9457)."),
        },
        "servers": [{"url": f"{settings.PUBLIC_URL.rstrip('/')}/api/v1"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": {"key": key}},
    }


def _operation(entry: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": entry.code,
        "summary": str(entry.summary),
        "parameters": [_parameter(parameter) for parameter in entry.parameters],
        "responses": {
            str(entry.status): _content(_("The answer"), _given(entry), "application/json"),
            "default": _content(_("A problem"), ref("Problem"), "application/problem+json"),
        },
    }
    if entry.takes:
        body = {"application/json": {"schema": ref(entry.takes)}}
        found["requestBody"] = {"required": True, "content": body}
    if entry.needs:
        found["security"] = [{"key": []}]
    return found


def _given(entry: Operation) -> dict[str, Any]:
    return {"type": "array", "items": ref(entry.gives)} if entry.is_list else ref(entry.gives)


def _content(description: str, schema: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema}}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.is_required,
        "description": str(parameter.description),
        "schema": parameter.schema,
    }


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """``/api/v1/openapi.json``."""
    return answer(document())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """``/api/v1/``: the same for people, without scripts."""
    fields = {
        name: [(field, part, field in schema["required"]) for field, part in
               schema["properties"].items()]
        for name, schema in SCHEMAS.items()
    }  # fmt: skip
    context = {"operations": list(TABLE.operations.values()), "schemas": fields}
    return render(request, "complaints/api.html", context)
