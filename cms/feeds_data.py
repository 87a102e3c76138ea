"""Atom feeds of public corrections and of the catalogue of open data."""

from datetime import UTC, datetime

from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.selectors import corrections, open_data
from cms.selectors.corrections import Correction
from cms.selectors.open_data import Entry

ENTRIES = 40


class CorrectionsFeed(Feed):
    """The newest corrections, each at an address that stays."""

    feed_type = Atom1Feed
    title = gettext_lazy("Corrections")
    subtitle = gettext_lazy("Figures and values changed after they had been published")
    link = "/data/corrections/"
    feed_url = "/feeds/corrections/"

    def items(self) -> list[Correction]:
        return corrections.newest(ENTRIES)

    def item_title(self, item: Correction) -> str:
        return f"{item.title} {item.period}"

    def item_description(self, item: Correction) -> str:
        return _("Before: %(before)s. Now: %(after)s.") % {
            "before": item.before,
            "after": item.after,
        }

    def item_link(self, item: Correction) -> str:
        return item.href

    def item_guid(self, item: Correction) -> str:
        return f"tag:corrections:{item.mark}"

    def item_updateddate(self, item: Correction) -> datetime:
        return item.at


class DataFeed(Feed):
    """Datasets by their last change: who reads this misses no update."""

    feed_type = Atom1Feed
    title = gettext_lazy("Open data")
    subtitle = gettext_lazy("Datasets and when each was last updated")
    link = "/data/"
    feed_url = "/feeds/data/"

    def items(self) -> list[Entry]:
        never = datetime(1970, 1, 1, tzinfo=UTC)
        found = [entry for entry in open_data.entries() if entry.updated_at]
        return sorted(found, key=lambda entry: entry.updated_at or never, reverse=True)

    def item_title(self, item: Entry) -> str:
        return str(item.dataset.title)

    def item_description(self, item: Entry) -> str:
        return str(item.dataset.description)

    def item_link(self, item: Entry) -> str:
        return f"/data/{item.dataset.code}/"

    def item_guid(self, item: Entry) -> str:
        moment = item.updated_at.isoformat() if item.updated_at else ""
        return f"tag:data:{item.dataset.code}:{moment}"

    def item_updateddate(self, item: Entry) -> datetime | None:
        return item.updated_at
