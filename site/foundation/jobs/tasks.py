"""The one task through which every event reaches its handler."""

from django_tasks import task

from foundation.jobs import registry
from foundation.jobs.registry import Json


@task()
def deliver(handler_name: str, key: str, payload: Json) -> None:
    """Call the registered handler; its errors are the worker's to judge."""
    registry.active().call(handler_name, key, payload)
