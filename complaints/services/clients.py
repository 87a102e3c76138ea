"""Other systems: a key is made and shown once, found again by its keyed hash, and counted."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.errors import CaseError, NotPermitted
from complaints.models import ApiClient, ApiSubmission, ApiUse
from complaints.performer import Performer
from complaints.selectors.public_ids import public_id_of
from complaints.services.intake import Receipt, Report, submit_report
from foundation.accounts.access import Access, Duty
from foundation.accounts.models import Role
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.places.models import Department
from foundation.vault.crypto import keyed_hash

KEY_PREFIX = "gz_"
STREAM = "api:clients"
#: Counts older than this tell nothing any more.
USES_KEPT = timedelta(days=35)


class TooMany(CaseError):
    """The client asked more often than agreed; ``wait`` seconds from now it may again."""

    code = "too_many"
    status = 429
    retryable = True

    def __init__(self, wait: int) -> None:
        super().__init__(_("Too many requests; please wait."))
        self.wait = wait


@dataclass(frozen=True)
class NewKey:
    """A client with its key, which is told now and never again."""

    client: ApiClient
    key: str


def make_client(
    *,
    name: str,
    by: Actor,
    minute_limit: int = 60,
    day_limit: int = 5000,
    department: Department | None = None,
    may_report: bool = True,
    ends_on: date | None = None,
) -> NewKey:
    """Make a client and its key; told to the ledger without the key.

    With a ``department`` it works on that department's cases. ``ends_on``: its last day.
    """
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        client = ApiClient.objects.create(
            name=name,
            key_hash=_hash(key),
            minute_limit=minute_limit,
            day_limit=day_limit,
            department=department,
            may_report=may_report,
            may_work=department is not None,
            ends_on=ends_on,
        )
        data = {"client": client.pk, "department": department.code if department else ""}
        append(stream=STREAM, action="api.client_made", actor=by, data=data)
    return NewKey(client, key)


def revoke_client(*, name: str, by: Actor) -> bool:
    """Take a client's rights away at once; False when there is none of that name in use."""
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().filter(name=name, is_active=True).first()
        if client is None:
            return False
        client.is_active = False
        client.save(update_fields=["is_active"])
        append(stream=STREAM, action="api.client_revoked", actor=by, data={"client": client.pk})
    return True


def client_of(key: str) -> ApiClient:
    """Return the client whose key this is. One query. Raises NotPermitted."""
    known = ApiClient.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()), key_hash=_hash(key), is_active=True
    )
    found = known.select_related("department").first() if key else None
    if found is None:
        raise NotPermitted(_("This needs a valid API key."), code="wrong_key")
    return found


def _hash(key: str) -> str:
    return keyed_hash("api-key", key.strip())


def spend(client: ApiClient) -> None:
    """Count one request against the client's minute and day. Two statements. Raises TooMany.

    The counts are rows, so they hold over any number of processes.
    """
    now = timezone.localtime()
    minute, day = f"{now:%Y%m%d%H%M}", f"{now:%Y%m%d}"
    if _counted(client, minute) > client.minute_limit:
        raise TooMany(60 - now.second)
    if _counted(client, day) > client.day_limit:
        raise TooMany(_seconds_left(now))


def _seconds_left(now: datetime) -> int:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds())


def _counted(client: ApiClient, window: str) -> int:
    """Add one to the window's count and return it: one upsert."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO complaints_apiuse (client_id, "window", count) VALUES (%s, %s, 1) '
            'ON CONFLICT (client_id, "window") '
            "DO UPDATE SET count = complaints_apiuse.count + 1 RETURNING count",
            [client.pk, window],
        )
        return int(cursor.fetchone()[0])


def forget_old_uses() -> int:
    """Delete counts that tell nothing any more; return how many."""
    before = f"{timezone.localtime() - USES_KEPT:%Y%m%d}"
    deleted, _rows = ApiUse.objects.filter(window__lt=before).delete()
    return deleted


def performer_of_client(client: ApiClient) -> Performer:
    """Return who acts when a department's own system does: an officer of that department.

    The ledger names the client. Raises NotPermitted when the key may not work on cases.
    """
    if not client.may_work or client.department is None:
        raise NotPermitted(_("This key may not work on cases."), code="may_not_work")
    duty = Duty(Role.BUREAU_OFFICER, "", "", client.department.code)
    return Performer(Actor(kind="client", id=str(client.pk)), access=Access((duty,)))


def submit_for_client(*, client: ApiClient, report: Report) -> tuple[Receipt, UUID]:
    """Take a client's report in; return its receipt and the id by which the client asks again.

    Repeating the submission key gives the same case and id. Raises InvalidInput, NotPermitted.
    """
    if not client.may_report:
        raise NotPermitted(_("This key may not send reports."), code="may_not_report")
    by = Performer(Actor(kind="client", id=str(client.pk)))
    with transaction.atomic():
        receipt = submit_report(report=report, by=by)
        public_id = public_id_of(receipt.case.uid)
        if receipt.is_new:
            ApiSubmission.objects.create(client=client, case=receipt.case, public_id=public_id)
    return receipt, public_id
