"""Errors of cases, turned into HTTP in one place (complaints.views.errors).

CaseError
├── InvalidInput       400  what was typed is kept; names the field
├── NotPermitted       403
├── CaseNotFound       404
├── VersionConflict    409  the draft is kept
└── ActionRefused      422  the table or a guard says no
"""

from complaints.workflow import Text


class CaseError(Exception):
    """Base: a stable code, a sentence for the person, whether trying again can help."""

    code = "case_error"
    status = 400
    retryable = False

    def __init__(self, message: Text, *, code: str = "", field: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code or self.code
        self.field = field


class InvalidInput(CaseError):
    code = "invalid_input"


class NotPermitted(CaseError):
    code = "not_permitted"
    status = 403


class CaseNotFound(CaseError):
    code = "not_found"
    status = 404


class VersionConflict(CaseError):
    code = "version_conflict"
    status = 409
    retryable = True


class ActionRefused(CaseError):
    code = "action_refused"
    status = 422
