"""Sockets of cases: frames carry numbers only, readers fetch what they may see."""

from complaints.consumers.desk import DeskConsumer
from complaints.consumers.track import TrackConsumer

__all__ = ["DeskConsumer", "TrackConsumer"]
