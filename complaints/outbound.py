"""One signed POST to a system outside: no redirects, a time limit, and no way into our own network.

The name is resolved once and the connection made to that very address, so that a name that changes
its mind between the check and the call (DNS rebinding) leads nowhere.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from complaints.workflow import Text

#: Seconds to wait for a connection, and for each part of the answer.
TIMEOUT = 10.0
#: Seconds after which a call ends whatever comes: a byte now and then keeps no thread.
DEADLINE = 20.0
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


#: Ways round into other networks that count as public: IETF's own, NAT64, 6to4.
HIDDEN: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "64:ff9b::/96", "2002::/16")
)


class NotAllowed(ValueError):
    """The address is none that may be called; ``sentence`` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def signature(secret: bytes, body: bytes, at: int) -> str:
    """Return ``t=<unix time>,v1=<hex>``: HMAC-SHA256 over "<unix time>.<body>"."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def checked_host(url: str, allowed: Sequence[Network] = ()) -> tuple[str, int, str]:
    """Return host, port and the address to call. Raises NotAllowed.

    Only https, and only addresses of the public internet, unless ``allowed`` (networks of the
    house) holds the address; there plain http may be used as well.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed(_("Write an address like https://example.org/hook.")) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username:
        raise NotAllowed(_("Write an address like https://example.org/hook."))
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed(_("This name is not known to the network.")) from error
    address = ipaddress.ip_address(found[0][4][0])
    inside = any(address in network for network in allowed)
    hidden = any(address in network for network in HIDDEN if network.version == address.version)
    if not inside and (hidden or address.is_multicast or not address.is_global):
        raise NotAllowed(_("This address lies inside a private network."))
    if not inside and parts.scheme != "https":
        raise NotAllowed(_("Use https: news go over foreign lines."))
    return host, port, str(address)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[Network] = ()
) -> int:
    """Send ``body`` and return the status; nothing of the answer is read.

    Raises NotAllowed and OSError (ten seconds without a word, twenty in all, a broken line, a bad
    certificate).
    """
    _host, port, address = checked_host(url, allowed)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = socket.create_connection((address, port), timeout=TIMEOUT)
    is_over = threading.Event()
    watch = threading.Timer(DEADLINE, _cut, [line, is_over])
    watch.daemon = True
    watch.start()
    try:
        status = _spoken(line, url, path, body, headers)
    finally:
        watch.cancel()
        line.close()
    if is_over.is_set():
        raise TimeoutError(f"no whole answer within {DEADLINE:g} s")
    return status


def _cut(line: socket.socket, is_over: threading.Event) -> None:
    """End the line under whoever still reads from it; it may be closed already."""
    is_over.set()
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _spoken(
    line: socket.socket, url: str, path: str, body: bytes, headers: Mapping[str, str]
) -> int:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
    connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
    connection.sock = line
    try:
        connection.request("POST", path, body, {**headers, "Content-Type": "application/json"})
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
