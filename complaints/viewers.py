"""Tells foundation.media who may look at the photos of a case: whoever may see the case today."""

from uuid import UUID

from django.http import HttpRequest

from complaints.models import Case
from complaints.policies import may_see
from complaints.visitors import performer_of
from foundation.media.models import Photo
from foundation.media.registry import viewer


@viewer("case")
def may_view_photo(request: HttpRequest, photo: Photo) -> bool:
    """One query for the case, one for the viewer's posts."""
    case = (
        Case.objects.filter(uid=UUID(photo.stream.removeprefix("case:")))
        .select_related("owner_department", "owner_grid")
        .first()
    )
    return case is not None and may_see(performer_of(request), case)
