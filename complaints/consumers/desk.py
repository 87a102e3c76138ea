"""``/ws/desk/``: which cases changed, told to staff who may see them at that moment.

Frames carry ids only: ``{"type": "changed", "cases": ["<uid>", …]}``.
"""

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from complaints.consumers.live import LiveConsumer
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.selectors.desk import visible_among
from foundation.ledger.live import ALL

logger = logging.getLogger(__name__)

#: Changes are gathered this long: a burst is one frame and one question to the database.
GATHER = 0.2
MOST_AT_ONCE = 200
PREFIX = "case:"


class DeskConsumer(LiveConsumer):
    """Open to staff with a desk who signed in with a second factor."""

    changed: set[str]
    telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.changed = set()
        await super().connect()

    async def disconnect(self, code: int) -> None:
        if self.telling is not None and self.telling is not asyncio.current_task():
            self.telling.cancel()
        await super().disconnect(code)

    def right_of(self, performer: Performer) -> frozenset[str] | None:
        """Every change is heard here; which of them is told is asked before each push."""
        has_factor = self.listener is not None and self.listener.has_second_factor
        if not has_factor or not performer.access.has(*DESK_ROLES):
            return None
        return frozenset({ALL})

    async def ledger_entry(self, event: dict[str, Any]) -> None:
        """Gather changed cases; a change of the own account asks for the right again."""
        stream = event["stream"]
        if self.listener and stream == self.listener.account_stream:
            await self.recheck()
        if not stream.startswith(PREFIX):
            return
        self.changed.add(stream.removeprefix(PREFIX))
        if self.telling is None or self.telling.done():
            self.telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self.changed:
            await asyncio.sleep(GATHER)
            batch = sorted(self.changed)[:MOST_AT_ONCE]
            self.changed.difference_update(batch)
            try:
                await self._push(batch)
            except (OperationalError, InterfaceError) as error:
                logger.warning("The desk's news cannot be told (%s)", type(error).__name__)

    async def _push(self, batch: list[str]) -> None:
        if not await self.recheck() or self.listener is None:
            return
        access = self.listener.performer.access
        seen = await database_sync_to_async(visible_among)(access, batch)
        if seen:
            await self.send_json({"type": "changed", "cases": seen})
