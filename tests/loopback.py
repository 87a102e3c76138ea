"""No test may reach beyond this machine."""

import ipaddress
import socket
from typing import Any


class NetworkRefused(RuntimeError):
    """A test tried to reach an address outside the loopback range."""


def is_loopback(host: str) -> bool:
    """Return whether ``host`` names this machine."""
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def stay_on_loopback() -> None:
    """Make every other connection attempt of this process fail loudly."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
            raise NetworkRefused(f"A test tried to reach {address[0]}.")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
