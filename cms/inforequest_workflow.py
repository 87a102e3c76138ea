"""Information requests (依申请公开): states, one transition table, answer types. No ORM, no I/O.

Rules follow 政府信息公开条例 (2019), Art 29–40. Only ``cms.services.inforequests.perform`` applies
a row; selectors read the table to offer acts; tests run every pair of state and act.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


class Party(StrEnum):
    """Who may act, or has to act next."""

    APPLICANT = "applicant"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    SYSTEM = "system"


class State(StrEnum):
    SUBMITTED = "submitted"
    IN_PROGRESS = "in_progress"
    AWAITING_CORRECTION = "correction"
    CONSULTING = "consulting"
    IN_REVIEW = "in_review"
    ANSWERED = "answered"
    REDIRECTED = "redirected"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class StateSpec:
    """What a state means; ``clock`` is the one that runs out for ``next_party``."""

    label: Text
    public_label: Text
    chip: str
    next_party: Party | None = None
    clock: str = ""

    @property
    def is_open(self) -> bool:
        return self.next_party is not None


class Clock(StrEnum):
    CONFIRM = "confirm"
    ANSWER = "answer"
    EXTENSION = "extension"
    CORRECTION_NOTICE = "ask_correction"
    CORRECTION = "correction"
    OPINION = "opinion"


#: Of these one runs until the answer; published rates count them.
OVERALL = frozenset({Clock.ANSWER, Clock.EXTENSION})


@dataclass(frozen=True)
class ClockSpec:
    """A limit (worktime's notation) with the rule that sets it."""

    label: Text
    limit: str
    legal_basis: str


CLOCKS: dict[str, ClockSpec] = {
    Clock.CONFIRM: ClockSpec(
        _("Confirm receipt"), "1wd", "政府信息公开条例 第三十一条；本平台承诺"
    ),
    Clock.ANSWER: ClockSpec(_("Answer"), "20wd", "政府信息公开条例 第三十三条"),
    Clock.EXTENSION: ClockSpec(_("Answer, extended"), "20wd", "政府信息公开条例 第三十三条"),
    Clock.CORRECTION_NOTICE: ClockSpec(
        _("Ask for a correction"), "7wd", "政府信息公开条例 第三十条"
    ),
    Clock.CORRECTION: ClockSpec(
        _("The applicant corrects the request"), "15wd", "政府信息公开条例 第三十条"
    ),
    Clock.OPINION: ClockSpec(_("Opinion of others"), "15wd", "政府信息公开条例 第三十二、三十四条"),
}
CORRECTION_LIMITS = ("7wd", "10wd", "15wd", "20wd")
EXTENSION_LIMITS = ("5wd", "10wd", "15wd", "20wd")

STATES: dict[State, StateSpec] = {
    State.SUBMITTED: StateSpec(
        _("To be confirmed"), _("Received, to be confirmed"), "new", Party.EDITOR, Clock.CONFIRM
    ),
    State.IN_PROGRESS: StateSpec(
        pgettext_lazy("information request", "In progress"),
        _("We are looking for the information"),
        "working",
        Party.EDITOR,
        Clock.ANSWER,
    ),
    State.AWAITING_CORRECTION: StateSpec(
        _("Correction asked for"),
        _("We need you to say more exactly what you want"),
        "need-info",
        Party.APPLICANT,
        Clock.CORRECTION,
    ),
    State.CONSULTING: StateSpec(
        _("Asking others for their opinion"),
        _("Others are asked for their opinion"),
        "need-info",
        Party.EDITOR,
        Clock.OPINION,
    ),
    State.IN_REVIEW: StateSpec(
        _("Secrecy review"), _("The answer is being checked"), "checking", Party.REVIEWER,
        Clock.ANSWER,
    ),
    State.ANSWERED: StateSpec(
        pgettext_lazy("information request", "Answered"),
        pgettext_lazy("information request", "Answered"),
        "closed",
    ),
    State.REDIRECTED: StateSpec(
        _("Not a request for information"), _("Please take another way"), "rejected"
    ),
    State.LAPSED: StateSpec(
        _("Given up: not corrected in time"), _("Ended: not corrected in time"), "rejected"
    ),
    State.WITHDRAWN: StateSpec(
        pgettext_lazy("information request", "Withdrawn"), _("You took the request back"),
        "rejected",
    ),
}  # fmt: skip
OPEN_STATES = frozenset(state for state, spec in STATES.items() if spec.is_open)


class AnswerType(StrEnum):
    """The seven answers of Art 36, in its order."""

    ALREADY_PUBLIC = "already_public"
    GRANTED = "granted"
    REFUSED = "refused"
    NOT_HELD = "not_held"
    NOT_OURS = "not_ours"
    REPEATED = "repeated"
    OTHER_LAW = "other_law"


@dataclass(frozen=True)
class AnswerSpec:
    """An answer: its clause and the inputs it cannot do without."""

    label: Text
    clause: int
    required: tuple[str, ...] = ()
    pointer_label: Text = ""


ANSWERS: dict[AnswerType, AnswerSpec] = {
    AnswerType.ALREADY_PUBLIC: AnswerSpec(
        _("Already published: where to find it"), 1, ("pointer",), _("Where it is published")
    ),
    AnswerType.GRANTED: AnswerSpec(_("Released, in whole or in part"), 2),
    AnswerType.REFUSED: AnswerSpec(_("Not released: with reasons"), 3, ("ground",)),
    AnswerType.NOT_HELD: AnswerSpec(_("Does not exist after a search"), 4),
    AnswerType.NOT_OURS: AnswerSpec(
        _("Not ours to release: who is responsible"), 5, ("pointer",), _("Body and contact")
    ),
    AnswerType.REPEATED: AnswerSpec(
        _("Asked and answered before"), 6, ("pointer",), _("Number of the earlier request")
    ),
    AnswerType.OTHER_LAW: AnswerSpec(
        _("Another law sets the way"), 7, ("pointer",), _("Law and where to go")
    ),
}

#: Why something is not released (Art 14–16), as the yearly report counts it.
GROUNDS: dict[str, Text] = {
    "secret": _("State secret (Art 14)"),
    "forbidden": _("Forbidden by a law or regulation (Art 14)"),
    "security": _("Endangers security or stability (Art 14)"),
    "third_party": _("Harms a third party: business secret or privacy (Art 15)"),
    "internal": _("Internal matter (Art 16)"),
    "process": _("Information of a process not finished (Art 16)"),
    "enforcement": _("File of an enforcement case (Art 16)"),
}
OPINIONS: dict[str, Text] = {
    "agrees": _("Agrees to the release"),
    "objects": _("Objects, with reasons"),
    "no_answer": _("Did not answer in time"),
}
CONSULTED: dict[str, Text] = {
    "third_party": _("Third party (Art 32)"),
    "other_body": _("Another body (Art 34)"),
}


@dataclass(frozen=True)
class Transition:
    """One row of the table. ``other_person``: never whoever drafted or asked (four eyes)."""

    source: State
    action: str
    target: State
    parties: frozenset[Party]
    label: Text
    required: tuple[str, ...] = ()
    notice: str = ""
    other_person: bool = False


EDITOR = frozenset({Party.EDITOR})
EDITOR_OR_SYSTEM = frozenset({Party.EDITOR, Party.SYSTEM})
REVIEWER = frozenset({Party.REVIEWER})
APPLICANT = frozenset({Party.APPLICANT})
SYSTEM = frozenset({Party.SYSTEM})
S = State

TABLE: tuple[Transition, ...] = (
    Transition(S.SUBMITTED, "confirm", S.IN_PROGRESS, EDITOR_OR_SYSTEM, _("Confirm receipt"),
               notice="confirmed"),
    Transition(S.SUBMITTED, "redirect", S.REDIRECTED, EDITOR, _("Redirect a complaint"),
               ("message",), "redirected"),
    Transition(S.IN_PROGRESS, "ask_correction", S.AWAITING_CORRECTION, EDITOR,
               _("Ask for a correction"), ("message", "limit"), "correction_asked"),
    Transition(S.AWAITING_CORRECTION, "correct", S.IN_PROGRESS, APPLICANT,
               _("Correct the request"), ("message",)),
    Transition(S.AWAITING_CORRECTION, "lapse", S.LAPSED, SYSTEM, _("Given up"), notice="lapsed"),
    Transition(S.IN_PROGRESS, "consult", S.CONSULTING, EDITOR, _("Ask others for their opinion"),
               ("consulted", "message"), "consulting"),
    Transition(S.CONSULTING, "record_opinion", S.IN_PROGRESS, EDITOR_OR_SYSTEM,
               _("Record the opinion"), ("opinion",)),
    Transition(S.IN_PROGRESS, "ask_extension", S.IN_PROGRESS, EDITOR, _("Ask for more time"),
               ("message", "limit")),
    Transition(S.IN_PROGRESS, "grant_extension", S.IN_PROGRESS, REVIEWER, _("Grant more time"),
               notice="extended", other_person=True),
    Transition(S.IN_PROGRESS, "refuse_extension", S.IN_PROGRESS, REVIEWER,
               _("Refuse more time"), ("message",), other_person=True),
    Transition(S.IN_PROGRESS, "redirect", S.REDIRECTED, EDITOR, _("Redirect a complaint"),
               ("message",), "redirected"),
    Transition(S.IN_PROGRESS, "draft_answer", S.IN_REVIEW, EDITOR, _("Draft the answer"),
               ("answer_type", "letter")),
    Transition(S.IN_REVIEW, "approve", S.ANSWERED, REVIEWER, _("Approve and send"),
               notice="answered", other_person=True),
    Transition(S.IN_REVIEW, "return_draft", S.IN_PROGRESS, REVIEWER, _("Return the draft"),
               ("message",), other_person=True),
    Transition(S.IN_REVIEW, "take_back", S.IN_PROGRESS, EDITOR, _("Take the draft back")),
    *(
        Transition(state, "withdraw", S.WITHDRAWN, APPLICANT, _("Take the request back"))
        for state in sorted(OPEN_STATES)
    ),
)  # fmt: skip
_ROWS = {(row.source, row.action): row for row in TABLE}


def find(state: str, action: str) -> Transition | None:
    """Return the row for an act in a state, None when the table has none."""
    return _ROWS.get((State(state), action)) if state in set(State) else None


def rows_from(state: str) -> tuple[Transition, ...]:
    """Return every row that starts in ``state``, in the table's order."""
    return tuple(row for row in TABLE if row.source == state)


#: What an act is called in a history: as its row, or as something beside the table.
ACT_WORDS: dict[str, Text] = {
    **{row.action: row.label for row in TABLE},
    "submit": _("Request submitted"),
    "confirm": _("Receipt confirmed"),
    "correct": _("Request corrected"),
    "lapse": _("Given up: not corrected in time"),
    "consult": _("Others are asked for their opinion"),
    "record_opinion": _("The opinion is in"),
    "grant_extension": _("More time granted"),
    "redirect": _("Please take another way"),
    "approve": pgettext_lazy("information request", "Answered"),
    "withdraw": _("Request taken back"),
    "publish": _("Answer published"),
    "unpublish": _("Publication taken back"),
    "recount": _("Deadline counted anew"),
    "anonymise": _("Applicant forgotten"),
}
