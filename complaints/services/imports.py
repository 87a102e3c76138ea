"""Files of a hotline, uploaded at the desk and taken in by the worker.

An uploaded file and the list of its problem rows hold personal data: both lie sealed under
SEALED_ROOT/imports, the file until it is done, the list for a week.
"""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput, NotPermitted
from complaints.models import ExternalTicket, ImportRun
from complaints.performer import Performer
from complaints.services.hotline_file import Progress, import_hotline
from complaints.sheets import LARGEST, SheetRefused
from foundation.accounts.models import Role
from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.media.files import write_whole
from foundation.vault.services import open_sealed, seal

TOPIC = "hotline.uploaded"
KEPT = timedelta(days=7)
State = ImportRun.State


def start_import(*, data: bytes, file_name: str, by: Performer) -> ImportRun:
    """Seal an uploaded file and queue its import. Raises NotPermitted, InvalidInput."""
    if not by.access.has(Role.DISPATCHER):
        raise NotPermitted(_("This step belongs to somebody else."))
    if not data.strip():
        raise InvalidInput(_("Choose a file first."), field="file")
    if len(data) > LARGEST:
        raise InvalidInput(
            _("The file is larger than 60 MB. Please export a shorter period."), field="file"
        )
    run = ImportRun(
        file_name=Path(file_name).name[:120],
        started_by_id=int(by.actor.id),
        role=by.actor.role,
        created_at=timezone.now(),
    )
    write_whole(_file(run, "upload"), seal(data, context=_context(run, "upload")))
    with transaction.atomic():
        run.save(force_insert=True)
        emit(TOPIC, key=str(run.uid), payload={"run": str(run.uid)})
        _write_down(run, "uploaded", by.actor)
    return run


def work_off(*, uid: UUID) -> None:
    """Import a file that was uploaded; the worker's part. Idempotent: a second go continues."""
    run = ImportRun.objects.filter(pk=uid).first()
    if run is None or run.is_over:
        return
    by = Performer(Actor("staff", str(run.started_by_id or "gone"), run.role))
    ImportRun.objects.filter(pk=uid).update(state=State.CHECKING)
    try:
        data = open_sealed(_file(run, "upload").read_bytes(), context=_context(run, "upload"))
        progress = import_hotline(data=data, by=by, run=run, tell=lambda p: _noted(run, p))
    except SheetRefused as refused:
        _finish(run, Progress(), State.REFUSED, str(refused.sentence))
        return
    except FileNotFoundError:
        _finish(run, Progress(), State.REFUSED, _("The file is gone. Please upload it again."))
        return
    _finish(run, progress, State.CANCELLED if progress.is_stopped else State.DONE)


def _noted(run: ImportRun, progress: Progress) -> bool:
    """Write down how far it is; False when somebody asked to stop. Two statements."""
    ImportRun.objects.filter(pk=run.pk).update(
        state=State.STORING if progress.is_storing else State.CHECKING,
        total=progress.total,
        checked=progress.checked,
        stored=progress.stored,
        known=progress.known,
        bad=progress.bad,
    )
    return not ImportRun.objects.filter(pk=run.pk, is_cancelling=True).exists()


def _finish(run: ImportRun, progress: Progress, state: str, problem: str = "") -> None:
    """Keep the result and the list of problems, and forget the file."""
    if progress.bad:
        sealed = seal(progress.problems_file, context=_context(run, "problems"))
        write_whole(_file(run, "problems"), sealed)
    # After a crash this run met its own cases again: they are its work all the same.
    stored = ExternalTicket.objects.filter(run=run).count()
    run.state, run.problem, run.finished_at = state, problem[:600], timezone.now()
    run.total, run.checked, run.bad = progress.total, progress.checked, progress.bad
    run.stored, run.known = stored, max(0, progress.known - (stored - progress.stored))
    run.has_errors_file = bool(progress.bad)
    with transaction.atomic():
        run.save()
        _write_down(run, str(state), Actor.system("worker"))
    _file(run, "upload").unlink(missing_ok=True)


def stop_import(*, run: ImportRun, by: Performer) -> None:
    """Ask the worker to stop after the present batch; what is stored stays, whole."""
    if not by.access.has(Role.DISPATCHER):
        raise NotPermitted(_("This step belongs to somebody else."))
    if run.is_over:
        raise ActionRefused(_("This import is over already."))
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(is_cancelling=True)
        _write_down(run, "stop_asked", by.actor)


def problems_of(*, run: ImportRun, by: Performer) -> bytes:
    """Return the rows that were not taken, as CSV; who took it away is written down.

    Raises NotPermitted, CaseNotFound (no problems, or a week over).
    """
    if not by.access.has(Role.DISPATCHER):
        raise NotPermitted(_("This step belongs to somebody else."))
    try:
        sealed = _file(run, "problems").read_bytes()
    except FileNotFoundError as gone:
        raise CaseNotFound(_("The list was deleted after seven days.")) from gone
    with transaction.atomic():
        _write_down(run, "problems_taken", by.actor)
    return open_sealed(sealed, context=_context(run, "problems"))


def forget_imports() -> int:
    """Delete lists of problems and files left behind after a week; return how many runs."""
    before = timezone.now() - KEPT
    old = ImportRun.objects.filter(created_at__lt=before).filter(
        Q(has_errors_file=True) | ~Q(state__in=[State.DONE, State.CANCELLED, State.REFUSED])
    )
    runs = list(old[:1000])
    for run in runs:
        _file(run, "problems").unlink(missing_ok=True)
        _file(run, "upload").unlink(missing_ok=True)
    pks = [run.pk for run in runs]
    ImportRun.objects.filter(pk__in=pks, finished_at=None).update(
        state=State.REFUSED, finished_at=timezone.now(), problem=_("It never came to an end.")
    )
    ImportRun.objects.filter(pk__in=pks).update(has_errors_file=False)
    return len(pks)


def _write_down(run: ImportRun, action: str, actor: Actor) -> None:
    data = {"rows": run.total, "stored": run.stored, "known": run.known, "bad": run.bad}
    append(stream=f"import:{run.uid}", action=f"import.{action}", actor=actor, data=data)


def _file(run: ImportRun, kind: str) -> Path:
    return Path(settings.SEALED_ROOT) / "imports" / f"{run.uid.hex}.{kind}"


def _context(run: ImportRun, kind: str) -> str:
    return f"import:{run.uid}:{kind}"
