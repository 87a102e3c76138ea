"""Addresses of metrics."""

from django.urls import URLPattern, URLResolver, path

from foundation.metrics import views

app_name = "metrics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("overview/", views.overview, name="overview"),
]
