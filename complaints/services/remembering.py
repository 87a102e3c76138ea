"""Remembers which answers were sent, by digest."""

from datetime import datetime

from complaints.models import Case, SentAnswer
from complaints.relevance import answer_digest


def remember_answer(case: Case, answer: str, *, at: datetime) -> None:
    """Note that ``case`` got ``answer``. One statement, in the transaction of the act."""
    SentAnswer.objects.create(case=case, digest=answer_digest(answer), sent_at=at)
