"""The Atom feed of the public map, by area and kind: places, kinds and states, nobody's words."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext_lazy as _

from complaints.selectors.public_map import Item, Wanted, newest
from complaints.views.public_map import kept, wanted_of
from foundation.places.selectors import current_district

ENTRIES = 40
SECONDS_KEPT = 60


class CasesFeed(Feed):
    """The cases whose state changed last, forty of them; days only, no times."""

    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        patch_cache_control(response, public=True, max_age=SECONDS_KEPT)
        return response

    def get_object(self, request: HttpRequest) -> Wanted:  # type: ignore[override]
        query = request.GET.copy()
        # The address calls the kind by the word of the map, or by "category".
        query.setdefault("type", query.get("category", ""))
        for other in ("state", "month", "cell"):
            query.pop(other, None)
        return wanted_of(query)

    def title(self, wanted: Wanted) -> str:
        names = [current_district().name, str(_("Environmental reports"))]
        names += [wanted.town.name] if wanted.town else []
        names += [wanted.kind.name] if wanted.kind else []
        return " · ".join(name for name in names if name)

    subtitle = _("Where something was reported, what kind it is and how far it is")

    def link(self, wanted: Wanted) -> str:
        return _with(reverse("public:map"), kept(wanted))

    def feed_url(self, wanted: Wanted) -> str:
        return _with(reverse("public:feed"), kept(wanted))

    def items(self, wanted: Wanted) -> list[Item]:
        return newest(wanted, ENTRIES)

    def item_title(self, item: Item) -> str:
        return " · ".join(part for part in (item.kind, item.place, item.town) if part)

    def item_description(self, item: Item) -> str:
        return _told(item)

    def item_link(self, item: Item) -> str:
        return item.result or f"{reverse('public:map')}#p-{item.public_id}"

    def item_guid(self, item: Item) -> str:
        return f"urn:uuid:{item.public_id}"

    def item_pubdate(self, item: Item) -> datetime:
        return _midnight(item.day)

    def item_updateddate(self, item: Item) -> datetime:
        return _midnight(item.changed_on)

    def item_categories(self, item: Item) -> list[str]:
        return [item.kind, str(item.state.label)]

    def item_author_name(self, item: Item) -> str:
        return current_district().name


def _told(item: Item) -> str:
    return str(
        _("Reported on %(day)s. Now: %(state)s.")
        % {"day": f"{item.day.month}月{item.day.day}日", "state": item.state.label}
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _with(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
