"""The mobile network of a phone in the tests: a forwarder in front of the product that can be cut.

A browser set offline by its developer tools is not offline: tools let go of a page that is being
left or closed, and what that page then sends arrives. Here the line itself is cut.
"""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

CHUNK = 65_536


class Network:
    """Forwards a loopback port to the product; ``url`` is where phones find the product."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_up = True
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, phone: BrowserContext) -> None:
        """Nothing reaches the product any more, and the phone knows it has no network."""
        with self._lock:
            self._is_up = False
            lines = list(self._lines)
        for line in lines:
            _end(line)
        phone.set_offline(True)

    def restore(self, phone: BrowserContext | None = None) -> None:
        """The network is back; ``phone`` hears of it."""
        with self._lock:
            self._is_up = True
        if phone is not None:
            phone.set_offline(False)

    def close(self) -> None:
        """End the forwarder."""
        _end(self._door)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self._door.accept()
                threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        try:
            product = socket.create_connection(self._target)
        except OSError:
            _end(caller)
            return
        with self._lock:
            is_up = self._is_up
            if is_up:
                self._lines |= {caller, product}
        if not is_up:
            _end(caller)
            _end(product)
            return
        threading.Thread(target=self._pass_on, args=(product, caller), daemon=True).start()
        self._pass_on(caller, product)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                sink.sendall(chunk)
        for line in (source, sink):
            _end(line)
        with self._lock:
            self._lines -= {source, sink}


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
