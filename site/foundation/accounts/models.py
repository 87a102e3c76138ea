"""People who sign in, and the posts (role × area × department) that staff hold."""

from datetime import date

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a post lets its holder do. Chinese terms: docs/glossary.md."""

    DISPATCHER = "dispatcher", _("Dispatcher")
    GRID_WORKER = "grid_worker", _("Grid worker")
    STREET_OFFICER = "street_officer", _("Street officer")
    BUREAU_OFFICER = "bureau_officer", _("Department officer")
    FOLLOWUP_CLERK = "followup_clerk", _("Follow-up clerk")
    SUPERVISOR = "supervisor", _("Supervisor")
    LEADER = "leader", _("Leader")
    EDITOR = "editor", _("Editor")
    SURVEYOR = "surveyor", _("Surveyor")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class User(AbstractUser):
    """A resident or a member of staff.

    The telephone number lives sealed in the vault (``phone_record_id`` names the record); this
    row keeps only a keyed index of it, so that a number finds its account and nobody can read a
    number from a list of users.
    """

    email = models.EmailField(  # type: ignore[assignment]
        _("e-mail"), unique=True, null=True, blank=True
    )
    display_name = models.CharField(_("display name"), max_length=60, blank=True)
    phone_record_id = models.UUIDField(_("sealed telephone"), null=True, blank=True, editable=False)
    phone_index = models.CharField(
        _("telephone index"), max_length=64, unique=True, null=True, blank=True, editable=False
    )
    phone_verified = models.BooleanField(_("telephone confirmed"), default=False, editable=False)
    rights_checked_on = models.DateField(
        _("editing rights matched with posts on"), null=True, blank=True, editable=False
    )
    is_demo = models.BooleanField(_("demonstration account"), default=False, editable=False)

    objects = UserManager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *args: object, **kwargs: object) -> None:
        # allauth stores '' for a phone-only sign-up; two would collide on the unique column.
        self.email = self.email or None
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_full_name(self) -> str:
        """The name that pages print: the display name, otherwise the user name."""
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, filtered by the day on which they count."""

    def in_force(self, day: date | None = None) -> "PostQuerySet":
        """Posts that count on ``day`` (Asia/Shanghai; default today), both ends included."""
        day = day or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Post(models.Model):
    """A duty held by a member of staff: a role within an area and a department, for a time.

    ``starts_on`` and ``ends_on`` are days in Asia/Shanghai and both count. A post without an area
    covers the whole district.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="posts")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    area = models.ForeignKey(
        "places.Area", null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    department = models.ForeignKey(
        "places.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(fields=["user", "role"], name="post_user_role"),
            models.Index(fields=["role", "area"], name="post_role_area"),
            models.Index(fields=["role", "department"], name="post_role_department"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="post_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def is_in_force(self, day: date | None = None) -> bool:
        """Whether the post counts on ``day`` (Asia/Shanghai; default today)."""
        day = day or timezone.localdate()
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)
