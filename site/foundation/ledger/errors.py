"""What can go wrong with the ledger."""

from foundation.jobs.errors import PermanentFailure


class LedgerError(Exception):
    """Root of this app's errors."""

    code = "ledger.error"
    retryable = False


class OutsideTransaction(LedgerError):
    """An entry was appended outside ``transaction.atomic()``: it could outlive a failed change."""

    code = "ledger.outside_transaction"


class InvalidEntry(LedgerError):
    """Stream, action, actor, data or time cannot be written down."""

    code = "ledger.invalid_entry"


class Immutable(LedgerError):
    """Somebody tried to change or delete an entry through the model."""

    code = "ledger.immutable"


class LedgerBroken(LedgerError, PermanentFailure):
    """Chain, head or an anchor does not agree with the entries; no retry of a job mends it."""

    code = "ledger.broken"
