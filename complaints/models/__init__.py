"""Cases and what belongs to them, split by noun."""

from complaints.models.act import Act
from complaints.models.assist import Assist, Whistle
from complaints.models.case import Case, CaseCounter, Channel, LocationSource, Outcome, Track
from complaints.models.clock import Clock, ClockRule, Rung
from complaints.models.conflict import Accused, Recusal, RetentionRule
from complaints.models.guessing import GuessBucket
from complaints.models.source import ExternalTicket, ImportRun, IncomingMail, System
from complaints.models.taxonomy import Category, RoutingRule, Urgency

__all__ = [
    "Accused",
    "Act",
    "Assist",
    "Case",
    "CaseCounter",
    "Category",
    "Channel",
    "Clock",
    "ClockRule",
    "ExternalTicket",
    "GuessBucket",
    "ImportRun",
    "IncomingMail",
    "LocationSource",
    "Outcome",
    "Recusal",
    "RetentionRule",
    "RoutingRule",
    "Rung",
    "System",
    "Track",
    "Urgency",
    "Whistle",
]
