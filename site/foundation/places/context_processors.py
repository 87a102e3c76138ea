"""What every template may know of the district."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from foundation.places.selectors import current_district


def district(request: HttpRequest) -> dict[str, object]:
    """Add ``district``: names, telephones and footer of the data pack (a ``DistrictProfile``).

    Lazy: a page that shows none of it makes no query; usually none is needed anyway.
    """
    return {"district": SimpleLazyObject(current_district)}
