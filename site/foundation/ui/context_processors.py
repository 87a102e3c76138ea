"""What every template may know of the reader's display choices."""

from django.http import HttpRequest


def interface(request: HttpRequest) -> dict[str, object]:
    """Add ``interface``: theme and text size chosen by cookie."""
    return {"interface": {}}
