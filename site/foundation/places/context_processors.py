"""What every template may know of the district."""

from django.http import HttpRequest


def district(request: HttpRequest) -> dict[str, object]:
    """Add ``district``: names and public telephones from the data pack."""
    return {"district": {}}
