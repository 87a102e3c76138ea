"""The case: one report on its way to closure."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from complaints.identity import Identity
from complaints.models.taxonomy import Urgency
from complaints.tracks import Track
from complaints.workflow import OPEN_STATES, STATES, State, StateSpec

#: The running number starts behind "TN-20261123-"; with its dash, four digits are five characters.
SERIAL_START, SERIAL_INDEXED = 13, 5


def serial_of_number() -> Substr:
    """Return the beginning of the running number ("0042-") as desks look for it; it is indexed."""
    return Substr("number", SERIAL_START, SERIAL_INDEXED)


class Channel(models.TextChoices):
    WEB = "web", _("Web")
    PHONE = "phone", _("Telephone")
    PATROL = "patrol", _("Grid patrol")
    IMPORT = "import", _("Import")
    EMAIL = "email", _("E-mail")
    TRANSFER = "transfer", _("From a higher level")
    API = "api", _("Another system")


class LocationSource(models.TextChoices):
    BROWSER = "browser", _("Phone position")
    PHOTO = "photo", _("Photo position")
    PIN = "pin", _("Pin on the map")
    ADDRESS = "address", _("Address")
    NONE = "none", _("Unknown")


class Outcome(models.TextChoices):
    """What the handler found and did."""

    SOLVED = "solved", _("Solved")
    ORDERED = "ordered", _("Correction ordered")
    FILED = "filed", _("Enforcement case filed")
    EXPLAINED = "explained", _("Explained")
    NOT_FOUND = "not_found", _("Not found on site")
    LONG_TERM = "long_term", _("Needs a longer plan")


class CaseCounter(models.Model):
    """The last running number of a day; one upsert hands out the next."""

    day = models.DateField(primary_key=True)
    value = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.value}"


class Case(models.Model):
    """A report, from submission to archive.

    The public number is no secret; the receipt code is, and only its keyed hash is kept.
    ``next_party`` and ``due_at`` say who acts next and by when; open cases always have both.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    receipt_hash = models.CharField(max_length=64, unique=True)
    submission_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    version = models.PositiveIntegerField(default=1)

    state = models.CharField(
        _("state"), max_length=20, choices=[(s.value, spec.label) for s, spec in STATES.items()]
    )
    is_open = models.BooleanField(default=True)
    next_party = models.CharField(_("next actor"), max_length=12, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    handling_due_at = models.DateTimeField(_("answer due"), null=True, blank=True)

    track = models.CharField(_("track"), max_length=12, choices=Track.choices, default=Track.REPORT)
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    category = models.ForeignKey(
        "complaints.Category", null=True, on_delete=models.PROTECT, related_name="+"
    )
    urgency = models.CharField(
        _("urgency"), max_length=12, choices=Urgency.choices, default=Urgency.NORMAL
    )
    description = models.TextField(_("description"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    lon = models.FloatField(_("longitude (WGS-84)"), null=True)
    lat = models.FloatField(_("latitude (WGS-84)"), null=True)
    location_source = models.CharField(
        max_length=8, choices=LocationSource.choices, default=LocationSource.NONE
    )
    raw_location = models.JSONField(_("reading as sent, with datum"), null=True)
    is_outside = models.BooleanField(_("outside the district"), default=False)
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    # db_index gives PostgreSQL its pattern index, so that "inside this area" is a prefix scan.
    area_path = models.CharField(max_length=160, blank=True, db_index=True)
    photo_count = models.PositiveSmallIntegerField(default=0)

    identity = models.CharField(
        _("identity"), max_length=12, choices=Identity.choices, default=Identity.ANONYMOUS
    )
    complainant_record = models.UUIDField(_("sealed contact"), null=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="cases"
    )

    suggested_department = models.ForeignKey(
        "places.Department", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    suggested_grid = models.ForeignKey(
        "places.Area", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner_department = models.ForeignKey(
        "places.Department", null=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_grid = models.ForeignKey(
        "places.Area", null=True, on_delete=models.PROTECT, related_name="+"
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    completed_by = models.CharField(max_length=40, blank=True)
    main_case = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged_cases"
    )

    submitted_at = models.DateTimeField(_("submitted"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    replied_at = models.DateTimeField(_("answered"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    reply = models.TextField(_("public answer"), blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True)
    rating_text = models.CharField(_("what the rating is about"), max_length=500, blank=True)
    rated_at = models.DateTimeField(null=True)

    return_count = models.PositiveSmallIntegerField(default=0)
    extension_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    redress_count = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(_("times urged"), default=0)
    first_owner = models.CharField(_("first receiver"), max_length=60, blank=True)
    followup_result = models.CharField(_("follow-up result"), max_length=12, blank=True)
    is_ruled = models.BooleanField(_("owner settled by a ruling"), default=False)
    assist_count = models.PositiveSmallIntegerField(_("open shares of others"), default=0)
    conflict_count = models.PositiveSmallIntegerField(_("conflicts and recusals"), default=0)
    retention_step = models.PositiveSmallIntegerField(_("retention steps done"), default=0)
    is_supervised = models.BooleanField(_("supervised"), default=False)
    is_key = models.BooleanField(_("key case"), default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="open_case_has_next_actor_and_due",
                condition=Q(is_open=False) | (Q(due_at__isnull=False) & ~Q(next_party="")),
            ),
            models.CheckConstraint(
                name="is_open_matches_state",
                condition=Q(is_open=True, state__in=sorted(OPEN_STATES))
                | Q(is_open=False) & ~Q(state__in=sorted(OPEN_STATES)),
            ),
            models.CheckConstraint(
                name="rating_one_to_five",
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="case_open_due"),
            models.Index(
                fields=["next_party", "due_at", "id"],
                condition=Q(is_open=True),
                name="case_open_party_due",
            ),
            models.Index(fields=["state", "due_at", "id"], name="case_state_due"),
            # Twins: what is open around a point, or at an address.
            models.Index(fields=["lat", "lon"], condition=Q(is_open=True), name="case_open_place"),
            models.Index(
                fields=["address"],
                condition=Q(is_open=True) & ~Q(address=""),
                name="case_open_address",
            ),
            models.Index(fields=["category", "due_at", "id"], name="case_category_due"),
            models.Index(fields=["owner_department", "due_at", "id"], name="case_department_due"),
            models.Index(fields=["owner_grid", "due_at", "id"], name="case_grid_due"),
            models.Index(fields=["area_path", "due_at", "id"], name="case_area_due"),
            models.Index(fields=["-submitted_at", "-id"], name="case_newest"),
            models.Index(serial_of_number(), name="case_serial"),
            models.Index(
                fields=["rated_at"], condition=Q(rated_at__isnull=False), name="case_rated"
            ),
            models.Index(
                fields=["closed_at"],
                condition=~Q(followup_result=""),
                name="case_followed",
            ),
            models.Index(
                fields=["accepted_at"],
                condition=Q(accepted_at__isnull=False),
                name="case_accepted",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(identity="confidential"),
                name="case_confidential_due",
            ),
            models.Index(
                fields=["retention_step", "closed_at"],
                condition=Q(is_open=False, retention_step__lt=3),
                name="case_retention_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stream(self) -> str:
        """Name of this case's stream in the ledger."""
        return stream_of(self.uid)

    @property
    def is_unplaced(self) -> bool:
        """Whether nothing says where it is: no point, no area, no address."""
        return self.lon is None and self.area_id is None and not self.address

    @property
    def spec(self) -> StateSpec:
        return STATES[State(self.state)]


def stream_of(uid: uuid.UUID) -> str:
    return f"case:{uid}"
