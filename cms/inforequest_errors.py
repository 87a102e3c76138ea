"""What can go wrong with an information request; every error has a sentence and an HTTP status."""

from cms.inforequest_workflow import Text


class RequestError(Exception):
    """Base: a sentence for the person; ``field`` names the input it is about."""

    status = 422

    def __init__(self, message: Text, *, field: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field


class InvalidInput(RequestError):
    status = 400


class NotPermitted(RequestError):
    status = 403


class RequestNotFound(RequestError):
    status = 404


class VersionConflict(RequestError):
    status = 409


class ActionRefused(RequestError):
    """The table, or a rule, says no."""
