"""Editors' pictures: Wagtail images whose files never carry metadata."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, ImageQuerySet

from cms.pictures import PictureRefused, rebuilt


class PictureManager(models.Manager["Picture"]):
    """Wagtail's image queryset (search, renditions in one query) behind a typed manager."""

    def get_queryset(self) -> Any:
        return ImageQuerySet(self.model, using=self._db)


class Picture(AbstractImage):
    """A picture in the editors' library: described, credited, and rebuilt without metadata."""

    if TYPE_CHECKING:
        file: Any  # Wagtail is untyped, and the field's own type hides what Django's file has

    credit = models.CharField(
        _("credit"), max_length=80, blank=True, help_text=_("Who took or drew this picture.")
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "credit",
        "collection",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
        "tags",
    )

    # Overrides Wagtail's field only to leave out the way back from the user, which nobody walks.
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = PictureManager()

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def _has_new_file(self) -> bool:
        # ``_committed`` is how Django's own file field knows an upload that is not stored yet.
        return bool(self.file) and not self.file._committed

    def _rebuild_file(self) -> None:
        self.file.open()
        try:
            data = rebuilt(self.file.file)
        except PictureRefused as error:
            raise ValidationError(
                {"file": _("This picture cannot be opened. Choose a JPEG, PNG or WebP file.")}
            ) from error
        self.file = ContentFile(data, name=self.file.name)
        self.file_size = len(data)
        self.file_hash = ""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the picture; a newly uploaded file is rebuilt first (see ``cms.pictures``)."""
        if self._has_new_file():
            self._rebuild_file()
        super().save(*args, **kwargs)

    def generate_rendition_file(self, filter: Filter, *, source: File | None = None) -> File:
        """Return the rendition's file, rebuilt: originals may have come in by another door."""
        made = super().generate_rendition_file(filter, source=source)
        made.seek(0)
        return ContentFile(rebuilt(made), name=made.name)


class PictureRendition(AbstractRendition):
    """A resized copy of a picture, made once and served from ``/media/images/``."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="rendition_once"
            )
        ]
