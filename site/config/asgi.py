"""ASGI entry: pages through a2wsgi in threads, sockets through Channels, in one process.

Measured in design/stack.md §2: twice as fast on pages as Django's own ASGI handler.
"""

import os
from typing import Any

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import re_path
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
# a2wsgi and Django describe the same protocol with different types.
pages: Any = get_wsgi_application()


class ExactOrigin:
    """Lets a socket in only from our own pages: the header must equal an allowed origin.

    Nothing is parsed: channels' validator takes patterns and stumbles over a port that is none.
    """

    def __init__(self, inner: Any, allowed: list[str]) -> None:
        self.inner = inner
        self.allowed = frozenset(origin.encode() for origin in allowed)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        origins = [value for name, value in scope.get("headers", []) if name == b"origin"]
        welcome = len(origins) == 1 and origins[0] in self.allowed
        await (self.inner if welcome else WebsocketDenier())(scope, receive, send)


def _sockets() -> ExactOrigin:
    routes = [route for name in settings.WEBSOCKET_ROUTES for route in import_string(name)]
    nowhere = re_path(r"", WebsocketDenier.as_asgi())
    router = AuthMiddlewareStack(URLRouter([*routes, nowhere]))
    return ExactOrigin(router, settings.CSRF_TRUSTED_ORIGINS)


application = ProtocolTypeRouter(
    {"http": WSGIMiddleware(pages, workers=16), "websocket": _sockets()}
)
