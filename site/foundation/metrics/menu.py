"""The overview in the staff menu."""

from django.utils.translation import gettext_lazy as _

from foundation.metrics.registry import may_open_overview
from foundation.ui.menu import Entry, register

register(
    Entry(
        path="/overview/",
        label=_("Overview"),
        icon="gauge",
        order=50,
        allowed=may_open_overview,
    )
)
