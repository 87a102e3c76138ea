"""Addresses of cases: residents' pages, the desk, the field."""

from django.urls import include, path

urlpatterns = [
    path("", include("complaints.urls_api")),
    path("", include("complaints.urls_resident")),
    path("", include("complaints.urls_public")),
    path("desk/", include("complaints.urls_desk")),
    path("field/", include("complaints.urls_field")),
]
