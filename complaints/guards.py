"""Why an act cannot be done now: pure guards over a few facts. No ORM, no I/O."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
#: What a follow-up clerk hears from somebody whose problem is still there.
DISSATISFIED = "dissatisfied"
REOPEN_WINDOW = timedelta(days=30)
REDRESS_WINDOW = timedelta(days=30)  # 信访工作条例 Art 35–36


@dataclass(frozen=True)
class Facts:
    """What guards may know of a case and of the act at hand."""

    now: datetime
    return_count: int = 0
    return_due_at: datetime | None = None
    returned_owners: frozenset[str] = frozenset()
    is_ruled: bool = False
    assist_count: int = 0
    extension_count: int = 0
    reopen_count: int = 0
    redress_count: int = 0
    split_count: int = 0
    handling_due_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    performer_completed_it: bool = False
    has_before_photo: bool = False
    has_after_photo: bool = False
    has_category: bool = True
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a guard says no: a stable code, the sentence a person reads, the input that mends it."""

    code: str
    message: Text
    field: str = ""


Guard = Callable[[Facts], Refusal | None]


def category_known(facts: Facts) -> Refusal | None:
    if facts.has_category or facts.data.get("category"):
        return None
    return Refusal(
        "category_missing", _("Choose a category first, so that the right office gets it.")
    )


def first_return(facts: Facts) -> Refusal | None:
    """A task may be handed back once and in time; a second dispute is consulted (domain §2c)."""
    if facts.is_ruled:
        return Refusal("ruled", RULED)
    if facts.return_count:
        return Refusal(
            "already_returned", _("This task was handed back once. Ask for a consultation instead.")
        )
    if facts.return_due_at and facts.now > facts.return_due_at:
        return Refusal(
            "return_expired", _("The time for handing it back is over; please sign for it.")
        )
    return None


#: The ruling of a consultation binds: nobody bounces a case after it.
RULED: Text = _("A consultation has ruled who handles this case; the ruling binds.")


def returned_before(facts: Facts) -> Refusal | None:
    if facts.is_ruled:
        return Refusal("ruled", RULED)
    if facts.return_count > 0:
        return None
    return Refusal("not_returned_yet", _("Hand the task back first, with a reason and an owner."))


def not_ruled(facts: Facts) -> Refusal | None:
    """Neither owner nor dispatcher sends a case on that a ruling gave to somebody."""
    return Refusal("ruled", RULED) if facts.is_ruled else None


def owner_not_freed(facts: Facts) -> Refusal | None:
    """Who rightly handed a case back gets it again by a ruling only."""
    if facts.data.get("owner") not in facts.returned_owners:
        return None
    return Refusal(
        "owner_freed",
        _("Its return was accepted. Choose another owner, or let a consultation rule."),
        field="owner",
    )


def work_is_done(facts: Facts) -> Refusal | None:
    """Sub-tasks close before the case does; then the evidence counts."""
    if facts.assist_count:
        return Refusal(
            "tasks_open",
            _("Another office has not finished its part. Wait for it, or withdraw the task."),
        )
    return evidence_shown(facts)


def extension_available(facts: Facts) -> Refusal | None:
    """Once, and before expiry (domain §2c; 信访工作条例 Art 34)."""
    if facts.extension_count:
        return Refusal("already_extended", _("The time was extended once already."))
    if facts.handling_due_at and facts.now >= facts.handling_due_at:
        return Refusal("expired", _("The time has run out; it can only be extended before that."))
    return None


def evidence_shown(facts: Facts) -> Refusal | None:
    """Closing needs a before/after pair, or the reason why there is none.

    A photo from after counts for the present round only: see :data:`NEW_ROUND`.
    """
    if facts.has_after_photo and facts.has_before_photo:
        return None
    if str(facts.data.get("no_photo_reason") or "").strip():
        return None
    return Refusal(
        "evidence_missing",
        _("Add a photo from before and one from after, or say why there is none."),
    )


def other_pair_of_eyes(facts: Facts) -> Refusal | None:
    if not facts.performer_completed_it:
        return None
    return Refusal("own_work", _("You handled this case; somebody else has to approve it."))


def within_reopen_term(facts: Facts) -> Refusal | None:
    """重办 once, within the term after the answer (domain §2c)."""
    if facts.reopen_count:
        return Refusal(
            "already_reopened", _("This case was reopened once; you can ask for a review instead.")
        )
    since = facts.closed_at or facts.replied_at
    if since and facts.now > since + REOPEN_WINDOW:
        return Refusal("too_late", _("A case can be reopened within 30 days of the answer."))
    return None


def dissatisfaction_followed(facts: Facts) -> Refusal | None:
    """不满意 never closes a case: 重办 while that is possible, then 督办 (domain §2c)."""
    if facts.data.get("followup_result") != DISSATISFIED:
        return None
    if within_reopen_term(facts) is None:
        words = _("The resident is not satisfied: choose “Ask to handle it again”, do not close.")
    else:
        words = _("The resident is still not satisfied: choose “Pass to a supervisor”.")
    return Refusal("dissatisfied", words, field="followup_result")


def no_reopening_left(facts: Facts) -> Refusal | None:
    """督办 comes when handling it again was tried, or is too late (domain §2c)."""
    if within_reopen_term(facts) is not None:
        return None
    return Refusal("reopen_first", _("This case can still be handled again: choose that first."))


def first_split(facts: Facts) -> Refusal | None:
    """Who reported may say once that it is another problem; then a dispatcher has decided."""
    if facts.split_count == 0:
        return None
    return Refusal(
        "already_split",
        _("We looked at it on its own once already. Please call us if it is still wrong."),
    )


def first_redress(facts: Facts) -> Refusal | None:
    """复查 within 30 days of the answer, once (信访工作条例 Art 35)."""
    if facts.redress_count:
        return Refusal("already_reviewed", _("This case was reviewed; ask for a second review."))
    return _within_redress_term(facts)


def second_redress(facts: Facts) -> Refusal | None:
    """复核 after 复查, once, within 30 days; no further intake afterwards (Art 36)."""
    if facts.redress_count == 0:
        return Refusal("not_reviewed", _("Ask for a first review before the second."))
    if facts.redress_count > 1:
        return Refusal("redress_exhausted", _("The second review was the last step."))
    return _within_redress_term(facts)


def _within_redress_term(facts: Facts) -> Refusal | None:
    if facts.closed_at and facts.now > facts.closed_at + REDRESS_WINDOW:
        return Refusal("too_late", _("A review can be asked for within 30 days of the answer."))
    return None
