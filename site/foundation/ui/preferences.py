"""Display choices of a reader, kept in two harmless cookies for a year."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest, HttpResponse

YEAR = 365 * 24 * 60 * 60


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class TextSize(StrEnum):
    STANDARD = "standard"
    LARGE = "large"


THEME_COOKIE = "gz_theme"
TEXT_COOKIE = "gz_text"


@dataclass(frozen=True)
class Preferences:
    """Theme and text size; 大字版 (``large``) also means one column and 60 px targets."""

    theme: Theme = Theme.AUTO
    text_size: TextSize = TextSize.STANDARD

    @property
    def is_large(self) -> bool:
        return self.text_size is TextSize.LARGE


def preferences_of(request: HttpRequest) -> Preferences:
    """Read the cookies; an unknown value counts as not chosen."""
    return Preferences(
        theme=parse_theme(request.COOKIES.get(THEME_COOKIE, "")) or Theme.AUTO,
        text_size=parse_text_size(request.COOKIES.get(TEXT_COOKIE, "")) or TextSize.STANDARD,
    )


def parse_theme(value: str) -> Theme | None:
    """Return the theme of that name, or None."""
    return Theme(value) if value in set(Theme) else None


def parse_text_size(value: str) -> TextSize | None:
    """Return the text size of that name, or None."""
    return TextSize(value) if value in set(TextSize) else None


def remember(
    request: HttpRequest,
    response: HttpResponse,
    *,
    theme: Theme | None,
    text_size: TextSize | None,
) -> None:
    """Keep what was chosen; what was not mentioned stays as it is."""
    for name, value in ((THEME_COOKIE, theme), (TEXT_COOKIE, text_size)):
        if value is not None:
            response.set_cookie(
                name,
                value,
                max_age=YEAR,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
