"""The copy that an applicant gets: written anew, the marked original sealed beside it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import InvalidInput
from cms.models import InfoRequest, Release
from cms.redaction import leaks, redact
from foundation.vault.services import open_sealed, seal


def draft_release(request: InfoRequest, data: Mapping[str, str], *, at: datetime) -> int:
    """Write or renew the release of ``request``; return how many passages were blacked out.

    ``data``: source (marked with [[…]]), document (its name), letter. Raises InvalidInput, also
    when letter, pointer or name repeat a passage. Inside the act's transaction; 2 statements.
    """
    copy = redact(data["source"])
    for name in ("letter", "pointer", "document"):
        if leaks(data.get(name, ""), copy.passages):
            raise InvalidInput(_("This repeats something that is blacked out."), field=name)
    release = Release(request=request, text=copy.text, mark_count=len(copy.passages), made_at=at)
    release.name = data.get("document", "")[:80] or str(request.title)[:80]
    release.sealed_original = seal(data["source"].encode(), context=release.seal_context)
    drop_release(request)
    release.save(force_insert=True)
    return release.mark_count


def drop_release(request: InfoRequest) -> None:
    """Take a drafted release away. One statement."""
    Release.objects.filter(request=request).delete()


def marked_original(release: Release) -> str:
    """Return the marked original, for whoever drafts and reviews; '' when it was destroyed."""
    sealed = bytes(release.sealed_original)
    return open_sealed(sealed, context=release.seal_context).decode() if sealed else ""
