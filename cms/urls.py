"""Addresses of cms: public lists and feeds, editors' files, and Wagtail's admin below /cms/."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms import crawlers, views
from cms.feeds import NewsFeed, ResultsFeed

public = [
    path("results/", views.results, name="results"),
    path("results/<int:pk>/", views.result, name="result"),
    path("indicators/", views.indicators, name="indicators"),
    path("indicators/indicators.csv", views.indicators_csv, name="indicators-csv"),
    path("indicators/<str:code>/", views.indicator, name="indicator"),
    path("indicators/<str:code>/values.csv", views.indicator_csv, name="indicator-csv"),
    path("site-map/", views.site_map, name="site-map"),
    path("sitemap.txt", crawlers.site_map, name="site-map-text"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("feeds/results/", ResultsFeed(), name="results-feed"),
    path("feeds/news/", NewsFeed(), name="news-feed"),
]

# Wagtail's own sign-in knows a password only. These doors come before Wagtail's and lead to the one
# sign-in of the house, or nowhere (design/stack.md §0, trap 2).
closed_doors = [
    path("cms/login/", views.sign_in),
    path("_util/login/", views.sign_in),
    re_path(r"^cms/password_reset/(?P<rest>.*)$", views.closed),
    re_path(r"^_util/authenticate_with_password/(?P<rest>.*)$", views.closed),
    re_path(r"^documents/authenticate_with_password/(?P<rest>.*)$", views.closed),
]

# The editors' scripts get their Chinese from cms.wording too; Wagtail's own view knows one app.
own_words = [path("cms/jsi18n/", views.script_words)]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((public, "cms"))),
    *closed_doors,
    *own_words,
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", views.media, name="editors-media"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
