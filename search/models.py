"""What the embedded index keeps. Everything here can be rebuilt from the apps' public rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SynonymSet(models.Model):
    """One line of the pack's ``synonyms.txt``: normalised words parted by commas."""

    words = models.CharField(_("words that mean the same"), max_length=400, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("set of synonyms")
        verbose_name_plural = _("sets of synonyms")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.words


class EngineState(models.Model):
    """Counter and generations of one engine.

    ``version`` orders writes: it is taken before the object is read, so that of two writes the one
    with the higher number saw the later state. ``building`` is 0 unless a rebuild runs; until it is
    done every write goes to both generations.
    """

    engine = models.CharField(_("engine"), max_length=80, primary_key=True)
    version = models.BigIntegerField(_("version"), default=0)
    active = models.PositiveIntegerField(_("active generation"), default=1)
    building = models.PositiveIntegerField(_("generation being built"), default=0)

    class Meta:
        verbose_name = _("state of a search engine")
        verbose_name_plural = _("states of search engines")

    def __str__(self) -> str:
        return f"{self.engine} {self.active}"


class SearchDocument(models.Model):
    """The public projection of one object in one generation of the embedded index.

    ``terms`` holds the tokens with their tiers (records.py); triggers (SQLite, FTS5) or a generated
    column (PostgreSQL, tsvector) made by migration 0002 index it. A removed object leaves a row
    without content, so that a late job cannot bring it back.
    """

    # Small columns first: counting by facet then never reads the long texts.
    generation = models.PositiveIntegerField(_("generation"))
    key = models.CharField(_("key"), max_length=120)
    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.CharField(_("object"), max_length=64)
    area = models.CharField(_("area"), max_length=80)
    category = models.CharField(_("category"), max_length=80)
    year = models.CharField(_("year"), max_length=4)
    day = models.IntegerField(_("day (proleptic Gregorian ordinal, 0 = none)"))
    version = models.BigIntegerField(_("version"))
    checksum = models.CharField(_("checksum"), max_length=64)
    is_removed = models.BooleanField(_("removed"), default=False)
    url = models.TextField(pgettext_lazy("web", "address"))
    title = models.TextField(_("title"))
    body = models.TextField(_("text"))
    terms = models.TextField(_("terms"))

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        constraints = [
            models.UniqueConstraint(fields=["generation", "key"], name="search_generation_key")
        ]

    def __str__(self) -> str:
        return self.key
