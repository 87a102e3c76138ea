"""Writing down that a published value was changed: nobody has to remember to."""

from django.utils import timezone

from cms.models import IndicatorValue, ValueCorrection, ValueStatus

#: What the public has read as the district's word; a demonstration figure is nobody's word.
PUBLISHED = frozenset({ValueStatus.FINAL, ValueStatus.PRELIMINARY})


def note_change(value: IndicatorValue) -> None:
    """Before ``value`` is saved: list what it replaces, if that was public. 0–2 statements."""
    if value.pk is None:
        return
    before = IndicatorValue.objects.select_related("indicator").filter(pk=value.pk).first()
    if before is None or before.status not in PUBLISHED or not before.text:
        return
    same = (before.text, before.value, before.period) == (value.text, value.value, value.period)
    if not same:
        moved = before.period != value.period
        _write(before, "" if moved or value.status == ValueStatus.MISSING else value.text)


def note_removal(value: IndicatorValue) -> None:
    """After ``value`` was deleted: list it as taken back, if it was public. 0–2 statements."""
    if value.status in PUBLISHED and value.text:
        _write(value, "")


def _write(before: IndicatorValue, after: str) -> None:
    said = before.text
    if after == said:  # the number beside the words changed
        said = f"{said} ({before.value})"
    ValueCorrection.objects.create(
        indicator_code=before.indicator.code,
        indicator_name=before.indicator.name,
        period=before.period,
        before=said[:120],
        after=after,
        corrected_at=timezone.now(),
    )
