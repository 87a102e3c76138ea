"""Addresses of the public map, its feed and its mail alerts."""

from django.urls import URLPattern, path

from complaints.views import public_alerts, public_map
from complaints.views.public_feed import CasesFeed

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("map/", public_map.page, name="map"),
    path("map/clusters.json", public_map.clusters, name="clusters"),
    path("map/alerts/", public_alerts.ask, name="alert_ask"),
    path("map/alerts/asked/", public_alerts.asked, name="alert_asked"),
    path("map/alerts/confirm/<str:token>/", public_alerts.confirm, name="alert_confirm"),
    path("map/alerts/end/<str:token>/", public_alerts.end, name="alert_end"),
    path("feeds/cases.atom", CasesFeed(), name="feed"),
]
