"""A WebSocket client at the ASGI level (channels' own needs daphne, which we do not use)."""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    """Talks to the ASGI application as a browser's WebSocket does."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
            "client": ("127.0.0.1", 40000),
            "server": ("testserver", 80),
        }
        super().__init__(application, scope)

    async def connect(self, timeout: float = 5) -> tuple[bool, int]:
        """Return whether the server accepted, else the code it closed with."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        return answer["type"] == "websocket.accept", answer.get("code", 0)

    async def say(self, text: str) -> None:
        """Send one text frame."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, timeout: float = 5) -> Any:
        """Return the next frame as JSON."""
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        return json.loads(answer["text"])

    async def leave(self) -> None:
        """Close from this side and wait for the server to finish."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(5)
