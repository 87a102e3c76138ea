"""Writes of places: loading a district pack, loading demonstration content, a new version."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.places import selectors
from foundation.places.errors import DemoDisabled
from foundation.places.models import PlacesVersion
from foundation.places.pack import Changes, Pack, loaders


@dataclass(frozen=True)
class SectionReport:
    """What one loader did."""

    section: str
    changes: Changes


def _silent(report: SectionReport) -> None:
    return None


def load_district(
    *,
    path: Path | str,
    actor: Actor | None = None,
    tell: Callable[[SectionReport], None] = _silent,
) -> list[SectionReport]:
    """Load or update the pack at ``path``: all sections in one transaction, or none of them.

    Idempotent. Raises :class:`~foundation.places.errors.PackError` naming file and place at the
    first mistake; nothing is then changed. A load that changes something is written in the ledger
    (``district:<code>``). ``tell`` hears of each section when it is done.
    """
    with transaction.atomic():
        reports = _run(Pack(path), demo=False, tell=tell)
        if any(report.changes for report in reports):
            renew_version()  # what other apps derive from the pack is kept by this version, too
            _record(reports, actor or Actor.system("load_district"))
    return reports


def load_demo(
    *, path: Path | str, tell: Callable[[SectionReport], None] = _silent
) -> list[SectionReport]:
    """Load the pack's demonstration content (idempotent); refuses unless ``settings.DEMO``."""
    if not settings.DEMO:
        raise DemoDisabled("demonstration content is only loaded with DEMO=1 in the environment")
    return _run(Pack(path), demo=True, tell=tell)


def renew_version() -> None:
    """Give places a new version (1–2 statements): every process reads them afresh."""
    version = uuid4()
    if not PlacesVersion.objects.filter(id=1).update(version=version):
        PlacesVersion.objects.create(id=1, version=version)
    selectors.held.renewed(version)


def _run(pack: Pack, *, demo: bool, tell: Callable[[SectionReport], None]) -> list[SectionReport]:
    reports = []
    with transaction.atomic():
        for entry in loaders(demo=demo):
            report = SectionReport(entry.section, entry.load(pack))
            reports.append(report)
            tell(report)
    return reports


def _record(reports: list[SectionReport], actor: Actor) -> None:
    """Write down which sections changed and by how much."""
    data = {report.section: asdict(report.changes) for report in reports if report.changes}
    stream = f"district:{selectors.current_district().code}"
    append(stream=stream, action="district.loaded", actor=actor, data=data)
