"""Checks of what foundation itself depends on."""

from dataclasses import asdict
from datetime import timedelta

import redis
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.jobs import selectors as jobs
from foundation.ledger import anchors
from foundation.ledger import selectors as ledger
from foundation.ledger.errors import LedgerBroken
from foundation.ledger.models import Head
from foundation.metrics.health import DATABASE, Health, check
from foundation.worktime.selectors import missing_notice

LONGEST_WAIT = timedelta(minutes=5)


@check(DATABASE, title=gettext_lazy("Database"), required=True)
def database() -> Health:
    """One trivial statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    own_server = connection.vendor != "sqlite"
    return Health.ok(_("its own server") if own_server else _("built in"))


@check("ledger", title=gettext_lazy("Ledger"), required=True)
def ledger_head() -> Health:
    """The head row exists and names the last entry; the last anchor stands. 2–3 queries.

    A disagreement is shouted about but takes nothing out of service: reports must still come in.
    """
    if not ledger.head_agrees():
        if not Head.objects.filter(pk=1).exists():
            return Health.down(_("no head row: run migrate"))
        return Health.degraded(_("the head does not name the last entry: run verify_ledger"))
    try:
        anchor = anchors.last()
    except LedgerBroken:
        return Health.degraded(_("an anchor does not stand: run verify_ledger"))
    if anchor and not ledger.anchored_hash_stands(anchor):
        return Health.degraded(_("an anchor does not stand: run verify_ledger"))
    if anchor is None:
        return Health.ok(_("not anchored yet"))
    return Health.ok(_("anchored up to entry %(number)s") % {"number": anchor.seq})


@check("worker", title=gettext_lazy("Worker"))
def worker() -> Health:
    """A worker showed life within 15 seconds. 1 query."""
    count = jobs.live_workers().count()
    if not count:
        return Health.down(_("no sign of life for 15 seconds"))
    return Health.ok(_("%(count)s alive") % {"count": count})


@check("jobs", title=gettext_lazy("Jobs"))
def backlog() -> Health:
    """No job failed for good and none has waited for more than five minutes. 1 query."""
    now = jobs.backlog()
    detail = _("%(due)s due, %(scheduled)s later, %(running)s running, %(failed)s failed")
    detail %= asdict(now)
    if now.failed or now.waiting > LONGEST_WAIT:
        return Health.degraded(detail)
    return Health.ok(detail)


@check("holiday notice", title=gettext_lazy("Working calendar"))
def holidays_are_known() -> Health:
    """From November on next year's holidays are known. At most 3 queries.

    Without them deadlines are only provisional: a warning, nothing stands still.
    """
    year = missing_notice()
    if year is None:
        return Health.ok(_("holidays entered"))
    return Health.degraded(_("holidays of %(year)s not entered yet") % {"year": year})


@check("live updates", title=gettext_lazy("Live updates"), needs_database=False)
def channel_layer() -> Health:
    """Redis answers a ping within a second (the in-memory layer always does)."""
    if isinstance(get_channel_layer(), InMemoryChannelLayer):
        return Health.ok(_("built in"))
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=None
    )
    try:
        client.ping()
    finally:
        client.close()
    return Health.ok(_("its own server"))
