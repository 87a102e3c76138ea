"""Words for residents that are data of the district pack (replies.toml): answers and routes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.inputs import REJECT_REASONS
from complaints.workflow import ACTIONS, Text
from foundation.places.pack import Pack, PackError, Row

FILE = "replies"
SLOT = re.compile(r"\{\{\s*([^{}]{1,20}?)\s*\}\}")
#: What a template may be filled with: the names that writers of packs use.
SLOTS: dict[str, Text] = {
    "编号": _("Case number"),
    "类别": _("Category"),
    "地点": _("Place"),
    "区域": pgettext_lazy("reply", "Area"),
    "来件日期": _("Received"),
    "受理日期": _("Accepted"),
    "签收日期": _("Signed for"),
    "办结日期": _("Reported as done"),
    "今天": _("Today"),
    "承办单位": _("Owner"),
    "办理情况": _("What was done"),
    "办理结果": _("Outcome"),
}


@dataclass(frozen=True)
class ReplyTemplate:
    """A template of an answer: for which acts and kinds it is offered, and its words."""

    code: str
    label: str
    acts: frozenset[str]
    categories: frozenset[str]
    text: str

    def fits(self, action: str, kinds: frozenset[str]) -> bool:
        """Whether it is offered for ``action`` on a case of any of ``kinds`` (own and above)."""
        return action in self.acts and (not self.categories or bool(self.categories & kinds))

    def filled(self, facts: Mapping[str, str]) -> str:
        """Return the text with what is known; unknown slots stay as blanks for people."""
        return SLOT.sub(lambda slot: facts.get(slot[1]) or f"【{slot[1]}】", self.text)


@dataclass(frozen=True)
class Route:
    """Where to go with what is not handled here: who, how, and how to reach them."""

    reason: str
    body: str
    how: str
    phone: str = ""
    address: str = ""

    @property
    def sentence(self) -> str:
        """In one line, for a notice."""
        reach = "，".join(part for part in (self.phone, self.address) if part)
        return f"{self.body}（{reach}）：{self.how}" if reach else f"{self.body}：{self.how}"


@dataclass(frozen=True)
class Wording:
    """Everything a pack says to residents in our name."""

    replies: tuple[ReplyTemplate, ...] = ()
    routes: tuple[Route, ...] = ()

    def route(self, reason: str) -> Route | None:
        """Return the way for ``reason``; None when the pack names none."""
        return next((route for route in self.routes if route.reason == reason), None)

    def replies_for(self, action: str, kinds: frozenset[str]) -> tuple[ReplyTemplate, ...]:
        """Return what is offered for ``action``, those for the kind before the general ones."""
        fitting = [reply for reply in self.replies if reply.fits(action, kinds)]
        return tuple(sorted(fitting, key=lambda reply: not reply.categories))


def wording() -> Wording:
    """Return the words of the district in use; read once per version of the file.

    Raises PackError (with file and line) when they are wrong.
    """
    path = Path(settings.DISTRICT_PACK) / f"{FILE}.toml"
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _wording(str(settings.DISTRICT_PACK), changed)


@lru_cache(maxsize=2)
def _wording(root: str, changed: int) -> Wording:
    return read_wording(Pack(root)) if changed else Wording()


def read_wording(pack: Pack) -> Wording:
    """Read ``replies.toml`` of ``pack`` strictly: every reason of refusal has its route."""
    replies = [_reply(row) for row in pack.rows(FILE, "reply")]
    routes = [_route(row) for row in pack.rows(FILE, "route")]
    codes = [reply.code for reply in replies]
    reasons = [route.reason for route in routes]
    for names in (codes, reasons):
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            raise PackError(f"{FILE}.toml", twice, "stands here twice")
    missing = sorted(REJECT_REASONS.keys() - set(reasons))
    if missing:
        raise PackError(f"{FILE}.toml", "route", f"no way is named for {missing[0]!r}")
    return Wording(tuple(replies), tuple(routes))


def _reply(row: Row) -> ReplyTemplate:
    made = ReplyTemplate(
        code=row.text("code", longest=40),
        label=row.text("label", longest=40),
        acts=frozenset(row.texts("acts")),
        categories=frozenset(row.texts("categories", ())),
        text=row.text("text", longest=2000).strip(),
    )
    row.finish()
    unknown = sorted(made.acts - ACTIONS)
    if unknown:
        raise row.error("acts", f"{unknown[0]!r} is no act")
    slots = sorted({slot[1] for slot in SLOT.finditer(made.text)} - SLOTS.keys())
    if slots:
        raise row.error("text", f"{slots[0]!r} is nothing that can be filled in")
    return made


def _route(row: Row) -> Route:
    made = Route(
        reason=row.choice("reason", set(REJECT_REASONS)),
        body=row.text("body", longest=100),
        how=row.text("how", longest=300),
        phone=row.text("phone", "", longest=60),
        address=row.text("address", "", longest=100),
    )
    row.finish()
    return made
