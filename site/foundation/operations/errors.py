"""Errors of operations.

OperationRefused
├── NotEmpty        the place to write to holds something already
├── BadBackup       the copy is incomplete or was changed since it was made
└── CopyFailed      the database's own tool gave up; its words are in the message
"""


class OperationRefused(Exception):
    """Root of the errors of this app; the message is a sentence for the operator."""


class NotEmpty(OperationRefused):
    """The place to write to holds something already."""


class BadBackup(OperationRefused):
    """The copy is incomplete or was changed since it was made."""


class CopyFailed(OperationRefused):
    """The database's own tool gave up."""
