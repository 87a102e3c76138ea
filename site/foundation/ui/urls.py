"""Addresses of ui."""

from django.urls import URLPattern, URLResolver, path

from foundation.ui import gallery, views

app_name = "ui"

urlpatterns: list[URLPattern | URLResolver] = [
    path("preferences/", views.preferences, name="preferences"),
    path("offline/", views.offline, name="offline"),
    path("site.webmanifest", views.web_manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("ui/gallery/", gallery.gallery, name="gallery"),
]
