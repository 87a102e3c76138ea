"""Cases and what belongs to them, split by noun."""

from complaints.models.act import Act
from complaints.models.answer import SentAnswer
from complaints.models.assist import Assist, Whistle
from complaints.models.case import Case, CaseCounter, Channel, LocationSource, Outcome, Track
from complaints.models.client import ApiClient, ApiSubmission, ApiUse
from complaints.models.clock import Clock, ClockRule, Rung
from complaints.models.conflict import Accused, Recusal, RetentionRule
from complaints.models.desk_view import Looking, SavedFilter
from complaints.models.export import Export
from complaints.models.grouping import FurtherKind, Lesson, TermCount
from complaints.models.guessing import GuessBucket
from complaints.models.public_point import (
    AlertSubscription,
    PointCount,
    PublicPoint,
    PublicState,
    PublishedLink,
    Street,
)
from complaints.models.recheck import Recheck, SampleDraw
from complaints.models.source import ExternalTicket, ImportRun, IncomingMail, System
from complaints.models.supervision import SupervisionOrder
from complaints.models.taxonomy import Category, RoutingRule, Urgency
from complaints.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Accused",
    "Act",
    "AlertSubscription",
    "ApiClient",
    "ApiSubmission",
    "ApiUse",
    "Assist",
    "Case",
    "CaseCounter",
    "Category",
    "Channel",
    "Clock",
    "ClockRule",
    "Export",
    "ExternalTicket",
    "FurtherKind",
    "GuessBucket",
    "ImportRun",
    "IncomingMail",
    "Lesson",
    "LocationSource",
    "Looking",
    "Outcome",
    "PointCount",
    "PublicPoint",
    "PublicState",
    "PublishedLink",
    "Recheck",
    "Recusal",
    "RetentionRule",
    "RoutingRule",
    "Rung",
    "SampleDraw",
    "SavedFilter",
    "SentAnswer",
    "Street",
    "SupervisionOrder",
    "System",
    "TermCount",
    "Track",
    "Urgency",
    "Webhook",
    "WebhookDelivery",
    "Whistle",
]
