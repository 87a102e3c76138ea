"""Models of cms, by noun."""

from cms.models.images import Picture, PictureRendition
from cms.models.indicators import Better, Indicator, IndicatorGroup, IndicatorValue, ValueStatus
from cms.models.pages import (
    ContentPage,
    HomePage,
    IndicatorIndexPage,
    NewsColumn,
    NewsIndexPage,
    NewsPage,
    ResultsPage,
    SectionPage,
)
from cms.models.results import PublishedResult

__all__ = [
    "Better",
    "ContentPage",
    "HomePage",
    "Indicator",
    "IndicatorGroup",
    "IndicatorIndexPage",
    "IndicatorValue",
    "NewsColumn",
    "NewsIndexPage",
    "NewsPage",
    "Picture",
    "PictureRendition",
    "PublishedResult",
    "ResultsPage",
    "SectionPage",
    "ValueStatus",
]
