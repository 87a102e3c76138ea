"""ASGI entry: pages through a2wsgi in threads, sockets through Channels, in one process.

Measured in design/stack.md §2: twice as fast on pages as Django's own ASGI handler.
"""

import os

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
pages = get_wsgi_application()


def _sockets() -> OriginValidator:
    routes = [route for name in settings.WEBSOCKET_ROUTES for route in import_string(name)]
    return OriginValidator(AuthMiddlewareStack(URLRouter(routes)), settings.CSRF_TRUSTED_ORIGINS)


application = ProtocolTypeRouter(
    {"http": WSGIMiddleware(pages, workers=16), "websocket": _sockets()}
)
