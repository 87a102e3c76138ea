"""What cms does when something happens elsewhere in the house."""

from typing import Any
from uuid import UUID

from cms.services.results import Projection, ProjectionRefused, draft_result
from foundation.jobs.errors import PermanentFailure
from foundation.jobs.registry import handler


@handler("case.closed")
def offer_result(key: str, payload: dict[str, Any]) -> None:
    """Turn a closed case's public projection into a draft for an editor; key = the case's uuid."""
    try:
        case_id = UUID(key.split(":")[0])
        projection = Projection.of(payload)
    except (ValueError, ProjectionRefused) as error:
        raise PermanentFailure(str(error)) from error
    draft_result(case_id=case_id, projection=projection)
