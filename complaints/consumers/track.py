"""``/ws/track/<number>/``: news of one's own report."""

from complaints.consumers.live import LiveConsumer
from complaints.performer import Performer
from complaints.selectors.tracking import find_for_complainant
from foundation.ledger.live import group_of


class TrackConsumer(LiveConsumer):
    """Open to whoever showed the receipt in this session or filed the report in the account."""

    guests_welcome = True

    def right_of(self, performer: Performer) -> frozenset[str] | None:
        """One query, whether there is such a number or not."""
        number = self.scope["url_route"]["kwargs"]["number"]
        case = find_for_complainant(number, performer.receipts, performer.account_id)
        return frozenset({group_of(case.stream)}) if case else None
