"""What every act on a request leaves behind: the row, a ledger entry, the act, a notice."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cms.models import InfoRequest, RequestAct
from cms.performer import Performer
from foundation.ledger.services import append
from foundation.notices.services import queue


def digest(text: str) -> str:
    """Return the fingerprint of words that stay out of the ledger."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def record(
    request: InfoRequest,
    action: str,
    by: Performer,
    *,
    at: datetime,
    source: str = "",
    public: str = "",
    internal: str = "",
    data: Mapping[str, Any] | None = None,
) -> RequestAct:
    """Write the ledger entry and the act: 4 statements. ``data`` holds no word of a person."""
    told: dict[str, Any] = {
        "number": request.number,
        "from": source,
        "to": request.state,
        "version": request.version,
        "due": request.due_at.isoformat() if request.due_at else "",
        **(data or {}),
    }
    if public or internal:
        told["words_sha256"] = digest(f"{public}\n{internal}")
    entry = append(
        stream=request.stream, action=f"inforequest.{action}", actor=by.actor, at=at, data=told
    )
    return RequestAct.objects.create(
        request=request,
        ledger_seq=entry.seq,
        action=action,
        source=source,
        target=request.state,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_role=by.actor.role,
        at=at,
        public_text=public,
        internal_text=internal,
        data=dict(data or {}),
    )


def tell(request: InfoRequest, notice: str) -> None:
    """Queue a notice to the applicant; it names the number only. Two statements."""
    if not notice or not (request.applicant_record or request.account_id):
        return
    queue(
        code=f"inforequest.{notice}",
        key=f"{request.uid}:{request.version}:{notice}",
        stream=request.stream,
        context={"number": request.number},
        record_id=request.applicant_record,
        user_id=None if request.applicant_record else request.account_id,
    )
