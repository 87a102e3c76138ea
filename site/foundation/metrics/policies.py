"""Who may read the machine pages."""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def may_scrape(request: HttpRequest) -> bool:
    """Whether the real peer is in ``METRICS_ALLOWED_NETWORKS`` (loopback by default).

    A forwarding header is never believed. It is a reason to refuse: the request came through a
    proxy, and then the peer is the proxy on this machine, not the one who asks.
    """
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        peer = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    if isinstance(peer, ipaddress.IPv6Address) and peer.ipv4_mapped:
        peer = peer.ipv4_mapped
    return any(peer in network for network in networks(tuple(settings.METRICS_ALLOWED_NETWORKS)))


@cache
def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Read network addresses such as ``10.0.0.0/8``; raises ValueError for any other text."""
    return tuple(ipaddress.ip_network(text) for text in texts)
