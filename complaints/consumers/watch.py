"""One look a second, for all sockets of this process: do their sessions and posts still stand?"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from foundation.accounts.models import Post, User

if TYPE_CHECKING:
    from complaints.consumers.live import LiveConsumer

logger = logging.getLogger(__name__)

PAUSE = 1.0
#: Everything else (a receipt forgotten after twelve hours, a grid that moved) is asked this often.
FULL_ROUND = 30

Standing = frozenset[object]


class Watch:
    """Runs in the loop of the sockets while there are any."""

    current: "Watch | None" = None

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.sockets: dict[LiveConsumer, Standing | None] = {}
        # The loop keeps weak references to tasks only: this one must not be collected early.
        self.task = self.loop.create_task(self._run())

    @classmethod
    def join(cls, socket: "LiveConsumer") -> None:
        """Watch over ``socket`` until it leaves."""
        current = cls.current
        if current is None or current.task.done() or current.loop is not asyncio.get_running_loop():
            current = cls.current = cls()
        current.sockets[socket] = None

    @classmethod
    def leave(cls, socket: "LiveConsumer") -> None:
        """Forget ``socket``; twice changes nothing."""
        if cls.current:
            cls.current.sockets.pop(socket, None)

    @classmethod
    def count(cls, session_key: str) -> int:
        """Return how many sockets a session has open in this process."""
        sockets = cls.current.sockets if cls.current else {}
        return sum(1 for socket in sockets if socket.session_key == session_key)

    async def _run(self) -> None:
        rounds = 0
        while self.sockets:
            await asyncio.sleep(PAUSE)
            rounds += 1
            try:
                await self._look(full=rounds % FULL_ROUND == 0)
            except (OperationalError, InterfaceError) as error:
                logger.warning("Sockets cannot be checked now (%s)", type(error).__name__)

    async def _look(self, *, full: bool) -> None:
        sockets = dict(self.sockets)
        keys = {socket.session_key for socket in sockets}
        users = {s.listener.user_id for s in sockets if s.listener and s.listener.user_id}
        alive, standings = await database_sync_to_async(_standing)(keys, users)
        for socket, before in sockets.items():
            user_id = socket.listener.user_id if socket.listener else None
            now = standings.get(user_id, frozenset())
            gone = socket.session_key not in alive
            # Newcomers have no "before": they are asked once more, so that nothing slips between.
            if gone or full or before != now:
                if socket in self.sockets:
                    self.sockets[socket] = now
                await socket.recheck()


def _standing(keys: Iterable[str], users: Iterable[int]) -> tuple[set[str], dict[int, Standing]]:
    """Return the sessions that still stand and, per user, what rights hang on. Three queries."""
    moment = timezone.now()
    open_sessions = Session.objects.filter(session_key__in=list(keys), expire_date__gt=moment)
    alive = set(open_sessions.values_list("session_key", flat=True))
    wanted = list(users)
    if not wanted:
        return alive, {}
    facts: dict[int, set[object]] = {user_id: set() for user_id in wanted}
    accounts = User.objects.filter(pk__in=wanted)
    for user_id, is_active, password in accounts.values_list("pk", "is_active", "password"):
        facts[user_id] |= {("active", is_active), ("password", password)}
    posts = Post.objects.in_force().filter(user_id__in=wanted)
    for user_id, post_id in posts.values_list("user_id", "pk"):
        facts[user_id].add(("post", post_id))
    return alive, {user_id: frozenset(found) for user_id, found in facts.items()}
