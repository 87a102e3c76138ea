"""Errors of the worktime app.

WorktimeError
├── BadLimit          a limit that is not like 5wd, 15d, 4wh, 2h
├── NaiveDatetime     a datetime without time zone
└── OutOfRange        a start or an end outside of the years the calendar knows
"""


class WorktimeError(ValueError):
    """Base of every error raised by ``foundation.worktime``; the text is a whole sentence."""


class BadLimit(WorktimeError):
    """The limit cannot be read."""


class NaiveDatetime(WorktimeError):
    """A datetime without time zone would be guessed wrongly sooner or later."""


class OutOfRange(WorktimeError):
    """The calendar does not reach that far."""
