"""Answers of API v1: JSON, and errors as application/problem+json (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from complaints.errors import CaseError, VersionConflict
from complaints.services.clients import TooMany

PROBLEM = "application/problem+json; charset=utf-8"
ABOUT = "/api/v1/#errors"


class BadRequest(CaseError):
    """A request that cannot be read; ``errors`` name each field."""

    code = "bad_request"
    status = 400

    def __init__(self, sentence: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(sentence)
        self.errors = list(errors)


def answer(value: Any, status: int = 200) -> HttpResponse:
    """Answer JSON that nobody keeps."""
    given = JsonResponse(
        value, status=status, safe=False, json_dumps_params={"ensure_ascii": False}
    )
    given["Cache-Control"] = "no-store"
    return given


def problem(
    status: int, code: str, detail: str, errors: Sequence[Mapping[str, str]] = (), **more: Any
) -> HttpResponse:
    """Answer an error: what happened and how to mend it, in Chinese, with a stable code."""
    titles = {
        400: _("The request cannot be read"), 401: _("A key is needed"), 403: _("Not allowed"),
        404: _("There is nothing here"), 405: _("Not this way"), 409: _("Somebody was faster"),
        413: _("Too large"), 422: _("Not possible now"), 429: _("Too many requests"),
    }  # fmt: skip
    body: dict[str, Any] = {
        "type": f"{ABOUT}-{code}",
        "title": titles.get(status, titles[400]),
        "status": status,
        "detail": detail,
        **more,
    }
    if errors:
        body["errors"] = list(errors)
    given = answer(body, status)
    given["Content-Type"] = PROBLEM
    return given


def problem_of(error: CaseError, version: int | None = None) -> HttpResponse:
    """Turn what a service refused into an answer."""
    status = error.status if 400 <= error.status < 500 else 400
    more: dict[str, Any] = {}
    if isinstance(error, VersionConflict) and version is not None:
        more["version"] = version
    errors = list(getattr(error, "errors", ()))
    if error.field and not errors:
        errors = [{"field": error.field, "detail": str(error.message)}]
    given = problem(status, error.code, str(error.message), errors, **more)
    if isinstance(error, TooMany):
        given["Retry-After"] = str(error.wait)
    return given
