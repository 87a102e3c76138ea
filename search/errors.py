"""What can go wrong in search.

SearchError
├── DuplicateKind        a kind is registered twice (programming error, stops the start)
├── EngineUnavailable    the engine is down or too slow; try again later (retryable)
└── RebuildSuperseded    a newer rebuild took over; this one stops (nothing to do)
"""


class SearchError(Exception):
    """Root of everything search raises."""

    retryable = False


class DuplicateKind(SearchError):
    """Two documents claim one kind."""


class EngineUnavailable(SearchError):
    """The engine did not answer in time or answered with a failure."""

    retryable = True


class RebuildSuperseded(SearchError):
    """Another rebuild of the same engine began after this one."""
