"""Models of cms, by noun."""

from cms.models.catalogue import (
    CatalogueHead,
    CatalogueItem,
    DutyRule,
    LegalClause,
    Rhythm,
    SubjectKind,
)
from cms.models.duty import Duty, DutyState, DutyTally, Evidence, EvidenceKind
from cms.models.enterprise import Enterprise, EnterpriseListing
from cms.models.images import Picture, PictureRendition
from cms.models.indicators import Better, Indicator, IndicatorGroup, IndicatorValue, ValueStatus
from cms.models.pages import (
    ContentPage,
    DisclosureIndexPage,
    DisclosurePage,
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
    "CatalogueHead",
    "CatalogueItem",
    "ContentPage",
    "DisclosureIndexPage",
    "DisclosurePage",
    "Duty",
    "DutyRule",
    "DutyState",
    "DutyTally",
    "Enterprise",
    "EnterpriseListing",
    "Evidence",
    "EvidenceKind",
    "HomePage",
    "Indicator",
    "IndicatorGroup",
    "IndicatorIndexPage",
    "IndicatorValue",
    "LegalClause",
    "NewsColumn",
    "NewsIndexPage",
    "NewsPage",
    "Picture",
    "PictureRendition",
    "PublishedResult",
    "ResultsPage",
    "Rhythm",
    "SectionPage",
    "SubjectKind",
    "ValueStatus",
]
