"""Photos that belong to a stream (a case, an activity …)."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class PhotoState(models.TextChoices):
    """Only CLEAN photos are ever served."""

    QUARANTINED = "quarantined", _("Being checked")
    CLEAN = "clean", _("Checked")
    REFUSED = "refused", _("Cannot be shown")
    ERASED = "erased", _("Erased")


class Photo(models.Model):
    """One uploaded photo: a sealed original and, once checked, its clean copies.

    ``width``/``height``: pixels of the full clean copy, upright. ``exif_lon``/``exif_lat``: WGS-84
    degrees as the camera wrote them, private, never served, cleared on erasure. ``taken_at``: what
    the camera said; ``time_doubt`` says why a stated time was not taken over ("future", "past").
    ``sha256``: of the original bytes, as evidence. ``dhash``: signed 64-bit perceptual hash of the
    clean copy. ``uploaded_by``: "<actor kind>:<actor id>".
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.CharField(_("ledger stream"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=32)
    state = models.CharField(
        _("state"), max_length=12, choices=PhotoState.choices, default=PhotoState.QUARANTINED
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    uploaded_by = models.CharField(_("uploaded by"), max_length=120)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    kind = models.CharField(_("format"), max_length=8)
    size_bytes = models.PositiveIntegerField(_("size of the original in bytes"))
    sha256 = models.CharField(_("SHA-256 of the original"), max_length=64)
    sealed_name = models.CharField(_("sealed original"), max_length=80, blank=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    time_doubt = models.CharField(_("doubt about the time"), max_length=8, blank=True)
    exif_lon = models.FloatField(_("longitude (EXIF)"), null=True, blank=True)
    exif_lat = models.FloatField(_("latitude (EXIF)"), null=True, blank=True)
    dhash = models.BigIntegerField(_("perceptual hash"), null=True, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["uploaded_at", "order"]
        indexes = [
            models.Index(fields=["stream", "purpose"], name="media_stream_purpose"),
            models.Index(fields=["sealed_name"], name="media_sealed_name"),
            models.Index(fields=["dhash"], name="media_dhash"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"

    @property
    def is_clean(self) -> bool:
        return self.state == PhotoState.CLEAN

    @property
    def full_url(self) -> str:
        return reverse("media:photo", args=[self.pk, "full"])

    @property
    def thumb_url(self) -> str:
        return reverse("media:photo", args=[self.pk, "thumb"])

    @property
    def prefix(self) -> str:
        """The kind of stream, by which the owning app's viewer rule is found."""
        return self.stream.partition(":")[0]
