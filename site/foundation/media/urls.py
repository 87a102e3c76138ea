"""Addresses of media."""

from django.urls import URLPattern, URLResolver, path

from foundation.media import views

app_name = "media"

urlpatterns: list[URLPattern | URLResolver] = [
    path("photos/<uuid:photo_id>/<slug:size>.jpg", views.photo, name="photo"),
]
