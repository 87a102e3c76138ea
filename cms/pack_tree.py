"""The bare page tree and who may do what in it: planted by the pack loader, not by migrations."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.models import (
    GroupApprovalTask,
    Page,
    Site,
    Task,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)

from cms.models import (
    DisclosureIndexPage,
    HomePage,
    Indicator,
    IndicatorIndexPage,
    NewsIndexPage,
    PlanTask,
    Project,
    PublishedResult,
    ResultsPage,
    SecrecyReview,
)
from foundation.places.pack import Changes
from foundation.places.selectors import current_district

EDITORS, MODERATORS = "Editors", "Moderators"
#: What Wagtail's own migrations call the approval and the page above all pages.
WAGTAILS_APPROVAL, WAGTAILS_ROOT = "Moderators approval", "Root"
SKELETON: tuple[tuple[type[Page], str], ...] = (
    (ResultsPage, "results"),
    (IndicatorIndexPage, "indicators"),
    (NewsIndexPage, "news"),
    (DisclosureIndexPage, "disclosure"),
)


def publish(page: Page) -> None:
    """Give a page its first revision and publish it, so that its history starts whole."""
    page.save_revision().publish()


def _welcome_page() -> Page | None:
    """The page that Wagtail's own migration leaves behind."""
    found: Page | None = Page.objects.filter(depth=2, slug="home").first()
    if found is not None and found.specific_class is Page:
        return found
    return None


def home_page() -> HomePage:
    """Return the home page, planted at the root of the default site when there is none."""
    found: HomePage | None = HomePage.objects.first()
    if found is not None:
        return found
    welcome = _welcome_page()
    root = Page.get_first_root_node()
    name = current_district().platform_name or settings.WAGTAIL_SITE_NAME
    slug = "home" if welcome is None else "gongzhi"
    home = HomePage(title=name, slug=slug, show_in_menus=True)
    root.add_child(instance=home)
    publish(home)
    address = urlsplit(settings.PUBLIC_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    values = {"root_page": home, "site_name": name, "port": port}
    Site.objects.update_or_create(
        is_default_site=True, defaults={**values, "hostname": address.hostname or "localhost"}
    )
    if welcome is not None:
        # The site history says under this title what went away; the object in hand gives it.
        welcome.title = welcome.draft_title = name
        welcome.delete()
    return home


def plant(titles: Mapping[str, str]) -> Changes:
    """Make the pages that fixed addresses stand on; a page that exists is left as it is.

    ``titles`` names the new pages by slug (results, indicators, news, disclosure).
    """
    added = int(not HomePage.objects.exists())
    home = home_page()
    for model, slug in SKELETON:
        if not model.objects.exists():
            page = model(title=titles[slug], slug=slug, show_in_menus=True)
            home.refresh_from_db()
            home.add_child(instance=page)
            publish(page)
            added += 1
    return Changes(added=added, unchanged=1 + len(SKELETON) - added)


def _permissions(model: type, *verbs: str) -> list[Permission]:
    name = model.__name__.lower()
    kind = ContentType.objects.get_for_model(model)
    wanted = [f"{verb}_{name}" for verb in verbs]
    return list(Permission.objects.filter(content_type=kind, codename__in=wanted))


def _grant(group: Group, *lists: list[Permission]) -> int:
    held = set(group.permissions.values_list("pk", flat=True))
    missing = [p for permissions in lists for p in permissions if p.pk not in held]
    group.permissions.add(*missing)
    return len(missing)


def name_in_chinese(*, approval: str, root: str) -> Changes:
    """Give Wagtail's own English rows the pack's words; a name that somebody chose is left alone.

    The button of an editor reads "submit" + the workflow's name. At most 3 statements.
    """
    renamed = Workflow.objects.filter(name=WAGTAILS_APPROVAL).update(name=approval)
    renamed += Task.objects.filter(name=WAGTAILS_APPROVAL).update(name=approval)
    renamed += Page.objects.filter(depth=1, title=WAGTAILS_ROOT).update(
        title=root, draft_title=root
    )
    return Changes(changed=renamed)


def _approve_results() -> int:
    """Results pass the same approval as pages do, whatever it is called."""
    kind = ContentType.objects.get_for_model(PublishedResult)
    if WorkflowContentType.objects.filter(content_type=kind).exists():
        return 0
    workflow = Workflow.objects.filter(active=True, workflow_pages__page__depth=1).first()
    if workflow is None:
        return 0
    WorkflowContentType.objects.create(content_type=kind, workflow=workflow)
    return 1


def review_disclosures(*, name: str, approval: str, secrecy: str) -> Changes:
    """Disclosures pass an approval and a secrecy review; a workflow somebody chose is left alone.

    ``name``, ``approval`` and ``secrecy`` are what the workflow and its two steps are called.
    """
    index = DisclosureIndexPage.objects.first()
    if index is None or WorkflowPage.objects.filter(page=index).exists():
        return Changes(unchanged=1)
    workflow = Workflow.objects.create(name=name)
    steps = (GroupApprovalTask(name=approval), SecrecyReview(name=secrecy))
    for order, step in enumerate(steps):
        step.save()
        step.groups.set(Group.objects.filter(name=MODERATORS))
        WorkflowTask.objects.create(workflow=workflow, task=step, sort_order=order)
    WorkflowPage.objects.create(workflow=workflow, page=index)
    return Changes(added=1)


def grant() -> Changes:
    """Editors write and submit, moderators publish; accounts puts people into the two groups."""
    editors, _ = Group.objects.get_or_create(name=EDITORS)
    moderators, _ = Group.objects.get_or_create(name=MODERATORS)
    added = _grant(
        editors,
        _permissions(PublishedResult, "add", "change"),
        _permissions(Indicator, "change"),
        _permissions(Project, "add", "change"),
        _permissions(PlanTask, "change"),
    )
    added += _grant(
        moderators,
        _permissions(PublishedResult, "add", "change", "delete", "publish"),
        _permissions(Indicator, "add", "change"),
        _permissions(Project, "add", "change", "delete"),
        _permissions(PlanTask, "add", "change"),
    )
    return Changes(added=added + _approve_results())
