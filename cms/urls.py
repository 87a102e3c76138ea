"""Addresses of cms: public lists and feeds, editors' files, and Wagtail's admin below /cms/."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms import crawlers
from cms.feeds import NewsFeed, ResultsFeed
from cms.views import admin_doors, disclosure, indicators, media, results, site_map

public = [
    path("results/", results.results, name="results"),
    path("results/<int:pk>/", results.result, name="result"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/indicators.csv", indicators.indicators_csv, name="indicators-csv"),
    path("indicators/<str:code>/", indicators.indicator, name="indicator"),
    path("indicators/<str:code>/values.csv", indicators.indicator_csv, name="indicator-csv"),
    path("disclosure/", disclosure.disclosure, name="disclosure"),
    path("disclosure/duties/", disclosure.duties, name="duties"),
    path("disclosure/duties/<int:pk>/", disclosure.duty, name="duty"),
    path("disclosure/items/<slug:code>/", disclosure.item, name="catalogue-item"),
    path("site-map/", site_map.site_map, name="site-map"),
    path("sitemap.txt", crawlers.site_map, name="site-map-text"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("feeds/results/", ResultsFeed(), name="results-feed"),
    path("feeds/news/", NewsFeed(), name="news-feed"),
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

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((public, "cms"))),
    *closed_doors,
    *own_words,
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media.media, name="editors-media"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
