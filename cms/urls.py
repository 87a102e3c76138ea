"""Addresses of cms: public lists and feeds, editors' files, and Wagtail's admin below /cms/."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms import crawlers, urls_requests
from cms.feeds import NewsFeed, ResultsFeed
from cms.feeds_data import CorrectionsFeed, DataFeed
from cms.views import (
    admin_doors,
    data,
    disclosure,
    indicators,
    media,
    plan,
    results,
    site_map,
    workbench,
)

public = [
    path("results/", results.results, name="results"),
    path("results/<int:pk>/", results.result, name="result"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/indicators.csv", indicators.indicators_csv, name="indicators-csv"),
    path("indicators/projects/", plan.projects, name="projects"),
    path("indicators/<str:code>/", indicators.indicator, name="indicator"),
    path("indicators/<str:code>/values.csv", indicators.indicator_csv, name="indicator-csv"),
    path("disclosure/", disclosure.disclosure, name="disclosure"),
    path("disclosure/duties/", disclosure.duties, name="duties"),
    path("disclosure/duties/<int:pk>/", disclosure.duty, name="duty"),
    path("disclosure/items/<slug:code>/", disclosure.item, name="catalogue-item"),
    path("data/", data.catalogue, name="data"),
    path("data/catalog.jsonld", data.catalog_jsonld, name="catalog-jsonld"),
    path("data/catalog.ttl", data.catalog_ttl, name="catalog-ttl"),
    path("data/corrections/", plan.corrections, name="corrections"),
    path("data/<slug:code>.csv", data.csv_file, name="dataset-csv"),
    path("data/<slug:code>.json", data.json_file, name="dataset-json"),
    path("data/<slug:code>/", data.dataset, name="dataset"),
    path("data/<slug:code>/dictionary.csv", data.dictionary, name="dataset-dictionary"),
    path("site-map/", site_map.site_map, name="site-map"),
    path("sitemap.txt", crawlers.site_map, name="site-map-text"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("feeds/results/", ResultsFeed(), name="results-feed"),
    path("feeds/news/", NewsFeed(), name="news-feed"),
    path("feeds/corrections/", CorrectionsFeed(), name="corrections-feed"),
    path("feeds/data/", DataFeed(), name="data-feed"),
]

# Wagtail's own sign-in knows a password only. These doors come before Wagtail's and lead to the one
# sign-in of the house, or nowhere (design/stack.md §0, trap 2).
closed_doors = [
    path("cms/login/", admin_doors.sign_in),
    path("_util/login/", admin_doors.sign_in),
    re_path(r"^cms/password_reset/(?P<rest>.*)$", admin_doors.closed),
    re_path(r"^_util/authenticate_with_password/(?P<rest>.*)$", admin_doors.closed),
    re_path(r"^documents/authenticate_with_password/(?P<rest>.*)$", admin_doors.closed),
]

# The editors' scripts get their Chinese from cms.wording too; Wagtail's own view knows one app.
own_words = [path("cms/jsi18n/", admin_doors.script_words)]

# The editors' workbench, inside the gate of /cms/ and before Wagtail's own addresses.
workbench_pages = [
    path("cms/duties/", workbench.duties, name="duties_bench"),
    path("cms/duties/<int:pk>/write/", workbench.write, name="duty_write"),
    path("cms/duties/<int:pk>/declare/", workbench.declare, name="duty_declare"),
    path("cms/duties/<int:pk>/evidence/", workbench.evidence, name="duty_evidence"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(([*public, *urls_requests.public], "cms"))),
    path("desk/requests/", include((urls_requests.desk, "request-desk"))),
    *closed_doors,
    *own_words,
    *workbench_pages,
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media.media, name="editors-media"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
