"""A small load client: plain sockets, keep-alive, one thread per connection, nothing parsed twice.

It shares the machine with the server, so it must cost little: a request is a prepared run of
bytes, an answer is read by its Content-Length.
"""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

CONNECTIONS = 4
HOST = "127.0.0.1"
BALANCE_TRIES = 30


class BadAnswer(Exception):
    """The server did not answer as the scenario expects."""


@dataclass(frozen=True)
class Answer:
    """Status, header block and body (as sent, perhaps gzipped) of one answer."""

    status: int
    head: bytes
    body: bytes

    @property
    def text(self) -> str:
        packed = b"content-encoding: gzip" in self.head.lower()
        return (gzip.decompress(self.body) if packed else self.body).decode(errors="replace")


@dataclass(frozen=True)
class Scenario:
    """One kind of request. ``make`` returns the bytes of the next one."""

    name: str
    make: Callable[[], bytes]
    status: int = 200
    server: str = "production"


@dataclass
class Slice:
    """What a stretch of load gave: latencies in seconds, how long it lasted, and what it cost.

    ``cpu`` is processor time in seconds of the server's processes and of the database's.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor time per request in milliseconds."""
        return 1000 * self.cpu / max(len(self.latencies), 1)


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer."""
        self.socket.sendall(request)
        data = self._more(b"")
        while (end := data.find(b"\r\n\r\n")) < 0:
            data = self._more(data)
        head = data[:end]
        lower = head.lower()
        at = lower.find(b"\r\ncontent-length:")
        if at < 0:
            raise BadAnswer(f"No Content-Length in: {head[:200]!r}")
        length = int(lower[at + 17 :].split(b"\r\n", 1)[0])
        while len(data) < end + 4 + length:
            data = self._more(data)
        return Answer(int(head[9:12]), head, data[end + 4 :])

    def _more(self, data: bytes) -> bytes:
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise BadAnswer("The server closed the connection.")
        return data + chunk

    @property
    def local_port(self) -> int:
        return int(self.socket.getsockname()[1])

    def close(self) -> None:
        self.socket.close()


def balanced(port: int, owner_of: Callable[[int], int], workers: Sequence[int]) -> list[Connection]:
    """Open the connections so that every worker process holds as many as the others.

    The kernel hands a connection to whichever worker wakes first; a lopsided hand would measure
    luck. ``owner_of(local port)`` says which worker got it.
    """
    share = CONNECTIONS // len(workers)
    kept: dict[int, list[Connection]] = {pid: [] for pid in workers}
    for _ in range(BALANCE_TRIES):
        # Many at a time, so that the workers race for them.
        for connection in [Connection(port) for _ in range(4 * CONNECTIONS)]:
            connection.ask(get("/healthz"))
            mine = kept[owner_of(connection.local_port)]
            if len(mine) < share:
                mine.append(connection)
            if connection not in mine:
                connection.close()
        if all(len(mine) == share for mine in kept.values()):
            return [connection for mine in kept.values() for connection in mine]
    raise BadAnswer(f"The workers took {[len(mine) for mine in kept.values()]} connections.")


def run(
    scenario: Scenario,
    connections: list[Connection],
    seconds: float,
    spent: Callable[[], dict[int, float]] = dict,
) -> Slice:
    """Keep every connection busy with ``scenario`` for ``seconds``.

    ``spent()`` tells the processor time that each process of server and database has used so far.
    """
    latencies: list[list[float]] = [[] for _ in connections]
    faults: list[Exception] = []
    cpu_before = spent()
    began = time.perf_counter()
    until = began + seconds

    def keep_asking(connection: Connection, kept: list[float]) -> None:
        try:
            while not kept or time.perf_counter() < until:
                request = scenario.make()
                sent = time.perf_counter()
                answer = connection.ask(request)
                spent_on_it = time.perf_counter() - sent
                if answer.status != scenario.status:
                    raise BadAnswer(f"{scenario.name}: {answer.status}\n{answer.text[:500]}")
                kept.append(spent_on_it)
        except (BadAnswer, OSError) as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=keep_asking, args=pair)
        for pair in zip(connections, latencies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise BadAnswer(str(faults[0]))
    lasted = time.perf_counter() - began
    told = [value for part in latencies for value in part]
    # A connection that ended meanwhile took its figure along; a new one began with nothing.
    cpu = sum(max(0.0, used - cpu_before.get(pid, 0.0)) for pid, used in spent().items())
    return Slice(lasted, told, cpu)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0–1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    return float(median(values))


# -- requests ---------------------------------------------------------------------------------


def get(path: str, cookies: str = "") -> bytes:
    """Return a GET as the proxy would pass it on."""
    return _head("GET", path, cookies) + b"\r\n"


def post(path: str, content_type: str, body: bytes, cookies: str = "") -> bytes:
    """Return a POST as the proxy would pass it on."""
    extra = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return _head("POST", path, cookies) + extra.encode() + b"\r\n" + body


def _head(method: str, path: str, cookies: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Referer: https://{HOST}/",
        "X-Forwarded-Proto: https",
        "Accept: text/html",
        "Accept-Encoding: gzip",
    ]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    return ("\r\n".join(lines) + "\r\n").encode()
