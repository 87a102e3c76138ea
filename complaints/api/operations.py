"""The operations of API v1 as one table: it routes, it checks what comes in, and it documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from complaints.errors import NotPermitted
from complaints.models import ApiClient

Text = str | Promise
Schema = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request, read and checked: parameters by name, the body, and whose key it came with."""

    request: HttpRequest
    parameters: Mapping[str, str]
    body: Any = None
    client: ApiClient | None = None

    @property
    def known_client(self) -> ApiClient:
        """The client of an operation that needs a key; the gate let nobody else in."""
        if self.client is None:
            raise NotPermitted(_("This needs a valid API key."), code="wrong_key")
        return self.client


@dataclass(frozen=True)
class Parameter:
    """One parameter of the query string or the path."""

    name: str
    description: Text
    schema: Schema
    where: str = "query"

    @property
    def is_required(self) -> bool:
        return self.where == "path"


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for. ``needs``: "" nothing, "key" a key, "work" a department's.

    ``takes`` and ``gives`` name schemas; ``may_list`` says that ``gives`` comes as an array.
    """

    code: str
    method: str
    path: str
    summary: Text
    function: Callable[[Call], HttpResponse]
    gives: str
    parameters: tuple[Parameter, ...] = ()
    takes: str = ""
    needs: str = ""
    status: int = 200
    is_list: bool = False


@dataclass
class Table:
    """Operations by path and method; refuses duplicates."""

    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)

    def add(self, entry: Operation) -> None:
        key = (entry.path, entry.method)
        if key in self.operations:
            raise ValueError(f"{entry.method} {entry.path} exists already.")
        self.operations[key] = entry

    def paths(self) -> list[str]:
        return list(dict.fromkeys(path for path, _method in self.operations))

    def at(self, path: str) -> dict[str, Operation]:
        """The operations at ``path`` by method."""
        return {m: entry for (p, m), entry in self.operations.items() if p == path}


TABLE = Table()


def operation(
    code: str, method: str, path: str, *, summary: Text, gives: str, **more: Any
) -> Callable[[Callable[[Call], HttpResponse]], Callable[[Call], HttpResponse]]:
    """Enter ``f(call) -> HttpResponse`` in the table."""

    def enter(function: Callable[[Call], HttpResponse]) -> Callable[[Call], HttpResponse]:
        TABLE.add(Operation(code, method, path, summary, function, gives, **more))
        return function

    return enter
