"""Registry of figures and overview panels."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils.module_loading import autodiscover_modules


class MetricsConfig(AppConfig):
    name = "foundation.metrics"
    label = "metrics"
    verbose_name = "Metrics"

    def ready(self) -> None:
        autodiscover_modules("figures")
        from foundation.metrics import own_datasets  # noqa: F401  registers its datasets

        autodiscover_modules("datasets")
        autodiscover_modules("health")
        from foundation.metrics import dependencies  # noqa: F401  registers its checks

        checks.register(networks_are_readable)


def networks_are_readable(**kwargs: Any) -> list[checks.CheckMessage]:
    """A typo in ``METRICS_ALLOWED_NETWORKS`` stops the start, not the first scrape."""
    from foundation.metrics.policies import networks

    try:
        networks(tuple(settings.METRICS_ALLOWED_NETWORKS))
    except ValueError as error:
        hint = "Write networks separated by commas, such as 127.0.0.0/8,10.1.0.0/16."
        text = f"METRICS_ALLOWED_NETWORKS: {error}"
        return [checks.Error(text, hint=hint, id="metrics.E001")]
    return []
