"""From a duty to its page in one step, and from an address to the evidence it names."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.html import format_html
from wagtail.documents.models import Document
from wagtail.models import Page, Site

from cms.models import DisclosureIndexPage, DisclosurePage, Duty
from cms.selectors.workbench import draft_of
from foundation.accounts.models import User

FILE = re.compile(r"^/documents/(\d+)/")
DATASET = re.compile(r"^/data/([a-z0-9-]{1,60})/?$")


@dataclass(frozen=True)
class Named:
    """What an address of this site names; all empty when it names nothing."""

    page: Page | None = None
    document: Document | None = None
    dataset: str = ""


@transaction.atomic
def begin_page(*, duty: Duty, user: User) -> DisclosurePage:
    """Return the page of a duty, made as a filled draft when there is none yet."""
    begun = draft_of(duty)
    if begun is not None:
        return begun
    title = f"{duty.item.name}（{duty.occasion}）"
    if duty.enterprise is not None:
        title = f"{duty.enterprise}：{title}"
    page = DisclosurePage(
        title=title,
        slug=f"{duty.item.code}-{duty.pk}",
        item=duty.item,
        period=duty.period,
        department=duty.department,
        enterprise=duty.enterprise,
        contact=f"{duty.department.name} {duty.department.phone}".strip(),
        body=[("text", format_html("<p>{}：{}</p>", duty.occasion, duty.item.description))],
        live=False,
        owner=user,
    )
    DisclosureIndexPage.objects.get().add_child(instance=page)
    page.save_revision(user=user, log_action=True)
    return page


def named_by(address: str) -> Named:
    """Return the page, file or dataset at an address of this site. At most 2 queries."""
    path = urlsplit(address.strip()).path
    file, dataset = FILE.match(path), DATASET.match(path)
    if file:
        return Named(document=Document.objects.filter(pk=int(file[1][:9])).first())
    if dataset:
        return Named(dataset=dataset[1])
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None or not path.startswith("/"):
        return Named()
    below = site.root_page.url_path + path.strip("/") + "/"
    return Named(page=Page.objects.filter(url_path=below).first())
