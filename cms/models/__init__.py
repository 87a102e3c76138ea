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
from cms.models.english import EnglishPage
from cms.models.enterprise import Enterprise, EnterpriseListing
from cms.models.images import Picture, PictureRendition
from cms.models.indicators import Better, Indicator, IndicatorGroup, IndicatorValue, ValueStatus
from cms.models.inforequest import (
    AnswerFirst,
    ApplicantKind,
    CatalogueProposal,
    InfoRequest,
    Medium,
    Release,
    RequestAct,
    RequestClock,
    RequestCounter,
    Way,
    YearlyEntry,
)
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
from cms.models.plan import PlanTask, Progress, Project, ProjectCategory, ValueCorrection
from cms.models.results import PublishedResult
from cms.models.review import SecrecyReview

__all__ = [
    "AnswerFirst",
    "ApplicantKind",
    "Better",
    "CatalogueHead",
    "CatalogueItem",
    "CatalogueProposal",
    "ContentPage",
    "DisclosureIndexPage",
    "DisclosurePage",
    "Duty",
    "DutyRule",
    "DutyState",
    "DutyTally",
    "EnglishPage",
    "Enterprise",
    "EnterpriseListing",
    "Evidence",
    "EvidenceKind",
    "HomePage",
    "Indicator",
    "IndicatorGroup",
    "IndicatorIndexPage",
    "IndicatorValue",
    "InfoRequest",
    "LegalClause",
    "Medium",
    "NewsColumn",
    "NewsIndexPage",
    "NewsPage",
    "Picture",
    "PictureRendition",
    "PlanTask",
    "Progress",
    "Project",
    "ProjectCategory",
    "PublishedResult",
    "Release",
    "RequestAct",
    "RequestClock",
    "RequestCounter",
    "ResultsPage",
    "Rhythm",
    "SecrecyReview",
    "SectionPage",
    "SubjectKind",
    "ValueCorrection",
    "ValueStatus",
    "Way",
    "YearlyEntry",
]
