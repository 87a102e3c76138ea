"""What staff read about a case's course: every act with its words, and the clocks explained."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from complaints.guards import Facts, Refusal
from complaints.inputs import FIELDS
from complaints.models import Act, Case, Clock
from complaints.performer import Performer
from complaints.plausibility import FAR, STALE, Misfit, Sighting, misfit_of, point_of
from complaints.selectors.deadlines import working_days_left
from complaints.selectors.evidence import PURPOSES as PHOTO_PURPOSES
from complaints.selectors.evidence import CasePhotos
from complaints.selectors.rules import category_by_code
from complaints.workflow import STATES, TRANSITIONS, State, Text, Transition
from foundation.accounts.models import Role
from foundation.media.models import Photo
from foundation.places.selectors import area_by_code, department_by_code, full_name

#: What staff call the acts that are no rows of the table.
OTHER_ACTS: dict[str, Text] = {
    "supplement": _("Complainant added something"),
    "evidence": _("Photos from the site"),
    "urge": _("Complainant asks to hurry"),
    "contact": _("Complainant left a telephone number"),
    "rate": _("Complainant rated the answer"),
    "warn": _("Time is running out"),
    "accused": _("Party complained about entered"),
    "recuse": _("Somebody stepped back (recusal)"),
    "relocate": _("Area set anew: the map was redrawn"),
    "forget": _("Contact deleted by the complainant"),
    "anonymise": _("Anonymised after the time of retention"),
    "report_in": _("Department reported in"),
    "whistle_plan": _("Joint plan agreed"),
    "assist_result": _("Result of an assisting department"),
    "assist_grade": _("Assisting department graded"),
    "add_task": _("Sub-task given"),
    "withdraw_task": _("Sub-task withdrawn"),
    "kinds": _("Kinds set"),
    "supervise": _("Supervision order issued"),
    "supervise_sign": _("Supervision order signed for"),
    "supervise_answer": _("Supervision order answered"),
    "supervise_colour": _("Supervision order moved"),
    "supervise_raise": _("Supervision raised one level"),
    "supervise_close": _("Supervision order struck off"),
    "recheck": _("Blind re-check"),
}
ACT_LABELS: dict[str, Text] = {row.action: row.label for row in TRANSITIONS} | OTHER_ACTS
PURPOSES: dict[str, Text] = {"before": _("before the work"), "after": _("after the work")}
DOUBTS: dict[str, Text] = {
    FAR: pgettext_lazy("doubt", "place"),
    STALE: pgettext_lazy("doubt", "time"),
}
KINDS: dict[str, Text] = {
    "resident": _("Complainant"),
    "system": _("System"),
    "client": _("Another system"),
}

CLOCK_LABELS: dict[str, Text] = {
    "accept": _("Acceptance"),
    "supply_info": _("Information from the complainant"),
    "dispatch": _("Dispatch"),
    "return_ruling": _("Ruling on the return"),
    "sign_for": _("Signature"),
    "handling": _("Answer"),
    "first_response": _("First word to the reporter"),
    "redo": _("Second handling"),
    "extension": _("Extended answer"),
    "extension_ruling": _("Ruling on more time"),
    "consultation": _("Consultation"),
    "suspension": _("Look again at the pause"),
    "review": _("Check of the result"),
    "followup": _("Follow-up"),
    "milestone": _("Next stage"),
    "redress": _("Review"),
    "report_in": _("Reporting in after a whistle"),
    "assist": _("Part of another office"),
    "hearing": _("Hearing"),
}
LIMITS: dict[str, Text] = {
    "wd": _("%(n)s working days"),
    "wh": _("%(n)s working hours"),
    "d": _("%(n)s calendar days"),
    "h": _("%(n)s hours round the clock"),
    "m": _("%(n)s minutes"),
}
#: Acts that tell what was done and what was answered.
WORK_ACTS = ("complete", "evidence", "approve", "answer_directly")
ANSWERS = frozenset({"approve", "answer_directly"})
#: States in which somebody judges the work, or takes it up again.
JUDGED = frozenset(
    {
        State.PENDING_REVIEW,
        State.REPLIED,
        State.PENDING_FOLLOWUP,
        State.PARTIALLY_CLOSED,
        State.REOPENED,
        State.REVIEWING,
        State.RE_REVIEWING,
    }
)
#: Inputs with which a person can still satisfy a guard: they do not close the door beforehand.
MENDABLE = {"no_photo_reason": "…", "category": "…"}


@dataclass(frozen=True)
class Detail:
    """One named value of an act."""

    label: Text
    value: str


@dataclass(frozen=True)
class Step:
    """One act as staff read it: what residents saw and what they did not, apart."""

    action: str
    title: Text
    at: datetime
    actor: Text
    state: Text
    chip: str
    public_text: str
    internal_text: str
    details: tuple[Detail, ...]


@dataclass(frozen=True)
class Skipped:
    """A day that did not count, and why."""

    day: date
    why: str


@dataclass(frozen=True)
class ClockStory:
    """A clock with its explanation: from when, by which rule, which days were passed over."""

    clock: Clock
    label: Text
    limit: Text
    start: datetime
    counted: int
    skipped: tuple[Skipped, ...]
    is_provisional: bool
    working_days: int | None = None
    pauses: int = 0

    @property
    def is_paused(self) -> bool:
        return self.is_running and self.clock.paused_at is not None

    @property
    def is_running(self) -> bool:
        return self.clock.outcome == Clock.Outcome.RUNNING


def steps_of(acts: Iterable[Act]) -> tuple[Step, ...]:
    """Return acts as steps, in their order. No query with warm places."""
    return tuple(_step(act) for act in acts)


def _step(act: Act) -> Step:
    moved = bool(act.target) and act.source != act.target
    spec = STATES[State(act.target)] if moved else None
    return Step(
        action=act.action,
        title=ACT_LABELS.get(act.action, act.action),
        at=act.at,
        actor=actor_label(act.actor_kind, act.actor_role),
        state=spec.label if spec else "",
        chip=spec.chip if spec else "",
        public_text=act.public_text,
        internal_text=act.internal_text,
        details=_details(act.data),
    )


@dataclass(frozen=True)
class Work:
    """What was done about a case and what was answered, for those who judge it beside the queue.

    ``report`` is the handler's last report, ``answer`` the public text the complainant reads; with
    the acts they come from.
    """

    report: Step | None = None
    answer: str = ""
    acts: tuple[Act, ...] = ()


def work_of(case: Case) -> Work:
    """Return the work on ``case`` once it is judged; nothing before. At most one query."""
    if case.state not in JUDGED:
        return Work()
    found = Act.objects.filter(case=case, action__in=WORK_ACTS).order_by("-ledger_seq")
    return work_in(tuple(found))


def work_in(acts: Sequence[Act]) -> Work:
    """Return the work that ``acts``, the newest first, tell of. No query."""
    report = next((act for act in acts if act.action == "complete"), None)
    answer = next((act.public_text for act in acts if act.action in ANSWERS), "")
    return Work(_step(report) if report else None, answer, tuple(acts))


def actor_label(kind: str, role: str) -> Text:
    """Return who acted, by role: names are the auditor's business."""
    if role in set(Role):
        return Role(role).label
    return KINDS.get(kind, _("Staff"))


def _details(data: Mapping[str, Any]) -> tuple[Detail, ...]:
    found = [
        Detail(FIELDS[name].label, _worded(name, str(value)))
        for name, value in data.items()
        if name in FIELDS and value
    ]
    if "department" in data:
        found.append(Detail(_("Department"), department_names(str(data["department"]))))
    if data.get("photos"):
        found.append(Detail(_("Photos"), str(data["photos"])))
    if data.get("settled"):
        found.append(Detail(_("On the spot"), str(_("Settled already"))))
    if data.get("purpose") in PURPOSES:
        found.append(Detail(_("Purpose"), str(PURPOSES[data["purpose"]])))
    doubts = [str(DOUBTS[doubt]) for doubt in data.get("doubt", ()) if doubt in DOUBTS]
    if doubts:
        found.append(Detail(_("Doubtful"), pgettext("list", ", ").join(doubts)))
    return tuple(found)


def _worded(name: str, value: str) -> str:
    if name in {"owner", "proposed_owner"}:
        return owner_name(value)
    if name == "departments":
        return department_names(value)
    if name == "category":
        category = category_by_code(value)
        return category.name if category else value
    choices = FIELDS[name].choices
    return str(choices[value]) if choices and value in choices else value


def department_names(codes: str) -> str:
    """Return the short names of departments written "a,b"."""
    known = [(code, department_by_code(code)) for code in codes.split(",")]
    names = [(d.short_name or d.name) if d else code for code, d in known]
    return pgettext("list", ", ").join(names)


def owner_name(key: str) -> str:
    """Return the name of an owner written ``grid:<code>`` or ``department:<code>``."""
    kind, _sep, code = key.partition(":")
    grid = area_by_code(code) if kind == "grid" else None
    if grid is not None:
        return full_name(grid)
    department = department_by_code(code) if kind == "department" else None
    return department.name if department else code


@dataclass(frozen=True)
class DeskPhoto:
    """A photo as staff see it, with what does not fit, in words; residents never get these."""

    photo: Photo
    doubts: tuple[str, ...] = ()


def desk_photos(
    case: Case, photos: CasePhotos, acts: Iterable[Act] = ()
) -> dict[str, tuple[DeskPhoto, ...]]:
    """Return the photos of a case by purpose, each with its doubts. No query.

    ``acts`` hold what the phone knew of photos that say nothing themselves.
    """
    noted = {pk: misfit for act in acts for pk, misfit in _noted(act.data)}
    return {
        purpose: tuple(_desk_photo(photo, case, noted) for photo in getattr(photos, purpose))
        for purpose in (*PHOTO_PURPOSES, "refused")
    }


def _noted(data: Mapping[str, Any]) -> Iterator[tuple[str, Misfit]]:
    for pk, noted in data.get("misfits", {}).items():
        yield pk, Misfit(metres=noted.get("metres"), days=noted.get("days"))


def _desk_photo(photo: Photo, case: Case, noted: Mapping[str, Misfit]) -> DeskPhoto:
    seen = Sighting(point_of(photo.exif_lon, photo.exif_lat), photo.taken_at)
    place = point_of(case.lon, case.lat)
    own = misfit_of(seen, place=place, now=photo.uploaded_at)
    words = doubt_words(noted.get(str(photo.pk), own))
    if photo.time_doubt:
        words.append(gettext("The camera's clock is wrong"))
    return DeskPhoto(photo, tuple(words))


def doubt_words(misfit: Misfit) -> list[str]:
    """Return what does not fit, one plain sentence each."""
    words = []
    if misfit.metres is not None:
        words.append(
            gettext("Taken about %(far)s from the place of the report")
            % {"far": distance(misfit.metres)}
        )
    if misfit.days is not None:
        words.append(
            ngettext(
                "Taken about %(n)d day before it was sent",
                "Taken about %(n)d days before it was sent",
                misfit.days,
            )
            % {"n": misfit.days}
        )
    return words


def distance(metres: int) -> str:
    """Return a distance in words: metres below one kilometre, one digit below ten."""
    if metres < 1000:
        return gettext("{n} m").format(n=metres)
    kilometres = round(metres / 1000, 0 if metres >= 10_000 else 1)
    return gettext("{n} km").format(n=f"{kilometres:g}")


def stories_of(clocks: Iterable[Clock]) -> tuple[ClockStory, ...]:
    """Return clocks explained, the running ones first. No query."""
    stories = [_story(clock) for clock in clocks]
    return tuple(sorted(stories, key=lambda s: (not s.is_running, s.start)))


def _story(clock: Clock) -> ClockStory:
    told = clock.explanation
    skipped = [
        Skipped(day, str(entry.get("why", "")))
        for entry in told.get("skipped", [])
        if (day := parse_date(str(entry.get("date", ""))))
    ]
    return ClockStory(
        clock=clock,
        label=clock_label(clock.code),
        limit=limit_text(clock.limit),
        start=parse_datetime(str(told.get("start", ""))) or clock.started_at,
        counted=len(told.get("counted", [])),
        skipped=tuple(skipped),
        is_provisional=bool(told.get("provisional")),
        working_days=working_days_left(clock.limit, clock.due_at, timezone.now()),
        pauses=len(clock.pauses) + bool(clock.paused_at),
    )


def clock_label(code: str) -> Text:
    """Return what staff call the clock ``code``."""
    return CLOCK_LABELS.get(code, code)


def limit_text(limit: str) -> Text:
    """Return a limit such as ``5wd`` in words."""
    number = limit.rstrip("wdhm")
    words = LIMITS.get(limit[len(number) :])
    return str(words) % {"n": number} if words else limit


def refusal_of(row: Transition, case: Case, by: Performer, now: datetime) -> Refusal | None:
    """Return why ``row`` cannot work now whatever is typed, so that its form need not be filled.

    Guards that an input can satisfy stay open. No query.
    """
    if row.guard is None:
        return None
    return row.guard(
        Facts(
            now=now,
            return_count=case.return_count,
            is_ruled=case.is_ruled,
            extension_count=case.extension_count,
            reopen_count=case.reopen_count,
            redress_count=case.redress_count,
            handling_due_at=case.handling_due_at,
            replied_at=case.replied_at,
            closed_at=case.closed_at,
            performer_completed_it=bool(case.completed_by) and case.completed_by == by.name,
            has_category=case.category_id is not None,
            data=dict(MENDABLE),
        )
    )
