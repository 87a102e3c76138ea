"""Whether somebody stands at the end of the ladder of warnings."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.selectors.rules import rungs
from foundation.accounts.models import User
from foundation.metrics.health import Health, check


@check("ladder", title=gettext_lazy("Last rung of the warnings"))
def last_rung_is_held() -> Health:
    """The ladder ends with an active person; a warning that nobody hears is none. 1 query."""
    ladder = rungs()
    if not ladder:
        return Health.degraded(_("the district's pack has no ladder.toml"))
    person = ladder[-1].person
    if not User.objects.filter(username=person, is_active=True).exists():
        return Health.degraded(_("nobody is called “%(name)s”") % {"name": person})
    return Health.ok(person)
