"""Addresses for other systems: no trailing slash, the format is the ending."""

import re

from django.urls import URLPattern, path, register_converter

from complaints.api import gate, open311, openapi
from complaints.api.operations import TABLE


class Format:
    """json or xml."""

    regex = "json|xml"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Format, "open311_format")

app_name = "api"
V2 = "open311/v2/"
urlpatterns: list[URLPattern] = [
    path(V2 + "discovery.<open311_format:kind>", open311.discovery, name="discovery"),
    path(V2 + "services.<open311_format:kind>", open311.services, name="services"),
    path(V2 + "services/<slug:code>.<open311_format:kind>", open311.service, name="service"),
    path(V2 + "requests.<open311_format:kind>", open311.requests, name="requests"),
    path(
        V2 + "requests/<str:public_id>.<open311_format:kind>",
        open311.one_request,
        name="request",
    ),
    path(V2 + "tokens/<str:public_id>.<open311_format:kind>", open311.token, name="token"),
]

V1 = "api/v1/"
PARAMETER = re.compile(r"\{(\w+)\}")
urlpatterns += [
    path(V1, openapi.page, name="v1"),
    path(V1 + "openapi.json", openapi.openapi, name="openapi"),
    *(
        path(V1 + PARAMETER.sub(r"<str:\1>", at), gate.serve, {"path": at}, name=f"v1-{at}")
        for at in TABLE.paths()
    ),
]
