"""Cases and what belongs to them, split by noun."""

from complaints.models.act import Act
from complaints.models.case import Case, CaseCounter, Channel, LocationSource, Outcome, Track
from complaints.models.clock import Clock, ClockRule, Rung
from complaints.models.guessing import GuessBucket
from complaints.models.source import ExternalTicket, ImportRun, IncomingMail, System
from complaints.models.taxonomy import Category, RoutingRule, Urgency

__all__ = [
    "Act",
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
    "RoutingRule",
    "Rung",
    "System",
    "Track",
    "Urgency",
]
