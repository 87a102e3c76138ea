"""What the public map shows of a case: where roughly, what kind, how far. Never its words."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PublicState(models.TextChoices):
    """The four things the public map says about how far a case is."""

    WAITING = "waiting", pgettext_lazy("public map", "Waiting to be handled")
    WORKING = "working", pgettext_lazy("public map", "Being handled")
    DONE = "done", pgettext_lazy("public map", "Answered")
    DECLINED = "declined", pgettext_lazy("public map", "Not accepted or passed on")


class Street(models.Model):
    """A street's centre line from the district's pack (WGS-84), to which public points snap."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    lines = models.JSONField(_("centre lines ([[lon, lat], …] each)"), default=list)
    is_demo = models.BooleanField(_("demonstration street"), default=False)

    class Meta:
        verbose_name = _("street")
        verbose_name_plural = _("streets")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class PublicPoint(models.Model):
    """The public shadow of one case; a handler keeps it, ``manage.py public_points`` rebuilds it.

    ``lon``/``lat`` lie on a street or are the middle of an area, the same for many cases; days have
    no time. ``x``/``y`` number the finest map cell (complaints.cells), coarser ones are shifts.
    ``public_id`` is made from the case by a keyed hash: it tells nothing and survives a rebuild.
    """

    case = models.OneToOneField(
        "complaints.Case", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lon = models.FloatField()
    lat = models.FloatField()
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    place = models.CharField(_("street or area"), max_length=80)
    town = models.CharField(max_length=32)
    area_path = models.CharField(max_length=160)
    category = models.ForeignKey("complaints.Category", on_delete=models.PROTECT, related_name="+")
    kind = models.ForeignKey("complaints.Category", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=PublicState.choices)
    day = models.DateField(_("reported on"))
    changed_on = models.DateField(_("state since"))

    class Meta:
        verbose_name = _("public point")
        verbose_name_plural = _("public points")
        ordering = ["-day", "-case_id"]
        indexes = [
            models.Index(fields=["-day", "-case"], name="point_newest"),
            models.Index(fields=["town", "-day", "-case"], name="point_town"),
            models.Index(fields=["kind", "-day", "-case"], name="point_kind"),
            models.Index(fields=["state", "-day", "-case"], name="point_state"),
            models.Index(fields=["-changed_on", "-case"], name="point_changed"),
            # Clusters of a part of the map are counted from this index alone.
            models.Index(fields=["x", "y", "kind", "state", "town", "day"], name="point_cells"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class PointCount(models.Model):
    """How many points one coarse cell holds, by kind, state, town and month.

    The map of the whole district and the number above the list add these rows up instead of a
    million points. ``sum_x``/``sum_y`` add the finest cells, so that a cluster stands in the middle
    of what it counts. Kept in the same transaction as the points.
    """

    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    kind = models.ForeignKey("complaints.Category", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    town = models.CharField(max_length=32)
    month = models.DateField()
    count = models.IntegerField(default=0)
    sum_x = models.BigIntegerField(default=0)
    sum_y = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("count of public points")
        verbose_name_plural = _("counts of public points")
        constraints = [
            models.UniqueConstraint(
                fields=["x", "y", "kind", "state", "town", "month"], name="one_count_per_cell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.x}/{self.y} {self.month}: {self.count}"


class PublishedLink(models.Model):
    """Where an editor published the result of a case; told by the event ``result.changed``."""

    case = models.OneToOneField(
        "complaints.Case", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    path = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("published result of a case")
        verbose_name_plural = _("published results of cases")

    def __str__(self) -> str:
        return self.path


class AlertSubscription(models.Model):
    """Somebody wants a mail about news on the public map; the address is in the vault only.

    ``mark`` is a keyed hash of address, town and kind: the same wish twice is one row. Nothing is
    sent before ``confirmed_at``; ``told_until`` is the last day whose news were told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.UUIDField(_("sealed address"))
    mark = models.CharField(max_length=64, unique=True)
    owner = models.CharField(_("keyed hash of the address"), max_length=64, db_index=True)
    town = models.CharField(max_length=32, blank=True)
    kind = models.ForeignKey(
        "complaints.Category", null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    told_until = models.DateField(null=True)

    class Meta:
        verbose_name = _("mail alert")
        verbose_name_plural = _("mail alerts")
        indexes = [
            models.Index(
                fields=["told_until", "id"],
                condition=models.Q(confirmed_at__isnull=False),
                name="alert_due",
            ),
            models.Index(
                fields=["asked_at"],
                condition=models.Q(confirmed_at__isnull=True),
                name="alert_unconfirmed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
