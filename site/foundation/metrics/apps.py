"""Registry of figures and overview panels."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "foundation.metrics"
    label = "metrics"
    verbose_name = "Metrics"
