"""WebSocket addresses of cases."""

from django.urls import URLPattern, re_path

from complaints.consumers import DeskConsumer, TrackConsumer

websocket_urlpatterns: list[URLPattern] = [
    re_path(r"^ws/desk/$", DeskConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path(
        r"^ws/track/(?P<number>[A-Za-z]{2}-[0-9]{8}-[0-9]{4,8}-[A-Za-z])/$",
        TrackConsumer.as_asgi(),  # type: ignore[arg-type]
    ),
]
