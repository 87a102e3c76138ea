"""Templates filled from a case's facts, and what makes an answer look pasted."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.inputs import OUTCOMES
from complaints.models import Act, Case
from complaints.relevance import common_ground
from complaints.wording import wording
from foundation.places.models import AreaKind
from foundation.places.selectors import ancestors, full_name
from foundation.ui.clock import date_text
from foundation.vault.masking import masked


@dataclass(frozen=True)
class Choice:
    """One template as it is offered: its text already holds what the case knows."""

    code: str
    label: str
    text: str


def replies_for(case: Case, action: str, facts: dict[str, str]) -> tuple[Choice, ...]:
    """Return the templates for ``action`` on ``case``, filled with ``facts``. No query."""
    found = wording().replies_for(action, kinds_of(case))
    return tuple(Choice(reply.code, reply.label, reply.filled(facts)) for reply in found)


def kinds_of(case: Case) -> frozenset[str]:
    """Return the codes of the case's category and of the one above it. No query when loaded."""
    category = case.category
    if category is None:
        return frozenset()
    parent = category.parent
    return frozenset({category.code, parent.code}) if parent else frozenset({category.code})


def facts_of(case: Case, acts: Iterable[Act]) -> dict[str, str]:
    """Return what a template can be filled with; '' where nothing is known. No query.

    ``acts`` in any order. What the handler wrote is masked: an answer names no one's number.
    """
    last = {act.action: act for act in sorted(acts, key=lambda act: act.ledger_seq)}
    done = last.get("complete")
    owner = case.owner_grid or case.owner_department
    return {
        "编号": case.number,
        "类别": case.category.name if case.category else "",
        "地点": case.address or (case.area.name if case.area else ""),
        "区域": full_name(case.area) if case.area else "",
        "来件日期": date_text(case.submitted_at),
        "受理日期": date_text(case.accepted_at) if case.accepted_at else "",
        "签收日期": _day_of(last.get("sign_for")),
        "办结日期": _day_of(done),
        "今天": date_text(timezone.now()),
        "承办单位": owner.name if owner else "",
        "办理情况": masked(done.internal_text) if done else "",
        "办理结果": str(OUTCOMES.get(case.outcome, "")),
    }


def _day_of(act: Act | None) -> str:
    return date_text(act.at) if act else ""


def doubts_about_answer(case: Case, answer: str, sent_to: str = "") -> list[str]:
    """Return sentences that warn before ``answer`` is sent; they never stop anybody. No query.

    ``sent_to``: number of another case that got the same words.
    """
    if not answer.strip():
        return []
    found = []
    if not _is_related(case, answer):
        found.append(
            _("This answer shares no place and no topic with the report. Was it meant for another?")
        )
    if sent_to:
        found.append(
            _("The same words were sent to %(number)s. Please say what was found in this case.")
            % {"number": sent_to}
        )
    return found


def _is_related(case: Case, answer: str) -> bool:
    category = case.category
    topics = [category.name, *category.keywords] if category else []
    if category and category.parent:
        topics += category.parent.keywords
    around = ancestors(case.area) if case.area else []
    # Every answer may name the district: that says nothing.
    areas = [area.name for area in around if area.kind != AreaKind.DISTRICT]
    places = [case.address, *areas]
    ground = common_ground(answer, report=case.description, places=places, topics=topics)
    return ground.is_related
