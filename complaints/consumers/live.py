"""What every socket of cases does: who may listen, asked at connect, before each push and always.

Subclasses say who may listen (``right_of``). A frame is ``{"type": "changed", "seq": n}`` and
nothing else. Channels keeps a socket open after its session ended (channels#1324), so the watch
asks the database every second for all open sockets together.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.utils.module_loading import import_string

from complaints.consumers.watch import Watch
from complaints.performer import Performer
from complaints.visitors import performer_from
from foundation.accounts.policies import has_second_factor
from foundation.accounts.selectors import stream_of
from foundation.ledger.live import group_of, subscribe

#: Close codes that the page's script knows: coming back would not help.
ENDED = 4401
FORBIDDEN = 4403
SOCKETS_PER_SESSION = 20


@dataclass(frozen=True)
class Listener:
    """Who listens, read afresh: the performer and, when signed in, the account's ledger stream."""

    performer: Performer
    user_id: int | None
    account_stream: str
    has_second_factor: bool = False


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Base of sockets that tell "there is news" of some ledger streams."""

    #: Whether somebody without an account may listen (holders of receipts).
    guests_welcome: ClassVar[bool] = False

    def right_of(self, performer: Performer) -> frozenset[str] | None:
        """Return the groups that ``performer`` may hear now; None when nothing is open. Sync."""
        raise NotImplementedError

    async def connect(self) -> None:
        """Accept only with a right; the refusal is the same for unknown and for foreign cases."""
        self.joined: frozenset[str] = frozenset()
        self.session_key: str = getattr(self.scope.get("session"), "session_key", None) or ""
        self.listener = await self._listener()
        groups = await self._groups()
        if groups is None or Watch.count(self.session_key) >= SOCKETS_PER_SESSION:
            await self.close()
            return
        await self._join(groups)
        await self.accept()
        Watch.join(self)

    async def disconnect(self, code: int) -> None:
        """Leave every group."""
        Watch.leave(self)
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)
        self.joined = frozenset()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from browsers; whoever talks is disconnected."""
        await self.close(1003)

    async def ledger_entry(self, event: dict[str, Any]) -> None:
        """Push one frame, after asking again whether this reader may still hear it."""
        if not await self.recheck():
            return
        if self.listener and event["stream"] == self.listener.account_stream:
            return
        await self.send_json({"type": "changed", "seq": event["seq"]})

    async def recheck(self) -> bool:
        """Ask again; close and return False when the right or the session is gone."""
        self.listener = await self._listener()
        groups = await self._groups()
        if groups is None:
            await self.end(FORBIDDEN if self.listener else ENDED)
            return False
        return True

    async def end(self, code: int) -> None:
        """Leave the groups first, so that no later frame can slip out, then close."""
        await self.disconnect(code)
        await self.close(code)

    async def _join(self, groups: frozenset[str]) -> None:
        own = self.listener.account_stream if self.listener else ""
        self.joined = groups | ({group_of(own)} if own else frozenset())
        for group in self.joined:
            await subscribe(self.channel_layer, self.channel_name, group)

    async def _listener(self) -> Listener | None:
        return await database_sync_to_async(listener_of)(self.session_key, self.guests_welcome)

    async def _groups(self) -> frozenset[str] | None:
        if self.listener is None:
            return None
        return await database_sync_to_async(self.right_of)(self.listener.performer)


def listener_of(session_key: str, guests_welcome: bool) -> Listener | None:
    """Return who holds the session right now; None when it ended or guests are not welcome.

    Reads session, user and posts afresh: at most three queries.
    """
    if not session_key:
        return None
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    if not store.keys():
        return None
    user = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    if not user.is_authenticated:
        return Listener(performer_from(user, store), None, "") if guests_welcome else None
    factor = has_second_factor({"session": store, "user": user})
    return Listener(performer_from(user, store), user.pk, stream_of(user), factor)
