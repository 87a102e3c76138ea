"""The embedded server's shape for tests: pages in threads, sockets in the loop, one process.

Run by uvicorn (``live_server:application``). ``/append?stream=…`` appends an entry in a request
thread; ``/following`` says whether a follower runs; ``/ws/<stream>`` is a socket on one stream.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import django
from a2wsgi import WSGIMiddleware
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

django.setup()

from django.db import connection, transaction  # noqa: E402

from foundation.ledger import live  # noqa: E402
from foundation.ledger.actor import Actor  # noqa: E402
from foundation.ledger.services import append  # noqa: E402

live.GRACE = 1.0


class Watcher(AsyncJsonWebsocketConsumer):
    group: str

    async def connect(self) -> None:
        stream = self.scope["url_route"]["kwargs"]["stream"]
        self.group = live.ALL if stream == "all" else live.group_of(stream)
        await self.accept()
        await live.subscribe(self.channel_layer, self.channel_name, self.group)
        await self.send_json({"ready": True})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def ledger_entry(self, event: dict[str, Any]) -> None:
        await self.send_json({"stream": event["stream"], "seq": event["seq"]})


def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    query = parse_qs(environ["QUERY_STRING"])
    if environ["PATH_INFO"] == "/append":
        with transaction.atomic():
            entry = append(stream=query["stream"][0], action="case.seen", actor=Actor.system("t"))
        answer: dict[str, Any] = {"seq": entry.seq}
        connection.close()
    else:
        follower = live._Local.follower
        answer = {"following": follower is not None and not follower.ended}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(pages),
        "websocket": URLRouter([re_path(r"^ws/(?P<stream>.+)$", Watcher.as_asgi())]),
    }
)
