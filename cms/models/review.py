"""Review before publication: a second pair of eyes on secrets (政府信息公开条例 Art 17)."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import GroupApprovalTask, TaskState


class SecrecyReview(GroupApprovalTask):
    """An approval by somebody who neither submitted the page nor approved an earlier step."""

    class Meta:
        verbose_name = _("secrecy review")
        verbose_name_plural = _("secrecy reviews")

    def get_actions(self, obj: Any, user: Any) -> list[Any]:
        """What ``user`` may do; nothing for whoever had a hand in it. 2 queries."""
        state = obj.current_workflow_state
        if state is None or state.requested_by_id == user.pk:
            return []
        earlier = TaskState.objects.filter(workflow_state=state, finished_by=user)
        if earlier.exists():
            return []
        found: list[Any] = super().get_actions(obj, user)
        return found

    @classmethod
    def get_description(cls) -> str:
        return gettext("Somebody else looks whether the page holds secrets or private details.")
