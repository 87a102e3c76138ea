"""Learning kinds from staff: what they accept, and what they correct, teaches the suggestion."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from complaints.guesswork import TEXTS, TOTAL
from complaints.models import Case, Lesson, TermCount
from complaints.selectors.suggestions import features_of


def learn_from(*, uid: UUID) -> bool:
    """Teach the case's words under its present kind; take an earlier lesson back. Idempotent.

    Returns whether something was learned. Nothing of the words is kept but counts in hashed
    buckets. Five statements.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(uid=uid).first()
        if case is None or case.category_id is None or not case.description:
            return False
        lesson = Lesson.objects.filter(case=case).first()
        if lesson is not None and lesson.category_id == case.category_id:
            return False
        found = features_of(case.description)
        if lesson is not None:
            _count(found, lesson.category_id, -1)
        _count(found, case.category_id, 1)
        Lesson.objects.update_or_create(case=case, defaults={"category_id": case.category_id})
    return True


def _count(found: Iterable[int], category_id: int, step: int) -> None:
    """Add ``step`` to the counts of the features, in the order of keys so that none waits."""
    ordered = sorted(found)
    wanted = [*ordered, TEXTS, TOTAL]
    rows = [TermCount(feature=feature, category_id=category_id) for feature in wanted]
    TermCount.objects.bulk_create(rows, ignore_conflicts=True)
    mine = TermCount.objects.filter(category_id=category_id)
    mine.filter(feature__in=[*ordered, TEXTS]).update(count=F("count") + step)
    mine.filter(feature=TOTAL).update(count=F("count") + step * len(ordered))
