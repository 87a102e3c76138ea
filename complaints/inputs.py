"""What acts take: one description of every input, used by services, forms and APIs alike. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.errors import InvalidInput
from complaints.numbers import is_case_number
from complaints.tracks import Track
from complaints.workflow import Text

#: Control characters other than line feed and tab never come from a person's keyboard on purpose.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]|[\u202a-\u202e\u2066-\u2069]")

REJECT_REASONS: dict[str, Text] = {
    "emergency": _("Emergency: call 110, 119, 120 or 122"),
    "in_court": _("In court, arbitration or administrative review"),
    "disclosure": _("Request for government information"),
    "discipline": _("Matter for discipline inspection"),
    "in_petition": _("Already being handled as a petition"),
    "other_district": _("Outside this district"),
    "not_understood": _("Not enough to act on, even after asking"),
}
WHISTLE_REASONS: dict[str, Text] = {
    "beyond_street": _("Beyond what the street can solve"),
    "joint_enforcement": _("Needs joint enforcement"),
    "emergency": _("Emergency response"),
}
ASSIST_RESULTS: dict[str, Text] = {
    "done": _("Done"),
    "partly": _("Done in part"),
    "not_ours": _("Not our duty"),
}
OUTCOMES: dict[str, Text] = {
    "solved": _("Solved"),
    "ordered": _("Correction ordered"),
    "filed": _("Enforcement case filed"),
    "explained": _("Explained"),
    "not_found": _("Not found on site"),
    "long_term": _("Needs a longer plan"),
}
FOLLOWUP_RESULTS: dict[str, Text] = {
    "satisfied": _("Satisfied"),
    "accepting": _("Accepting"),
    "dissatisfied": _("Not satisfied"),
    "unreachable": _("Could not be reached"),
}
#: Why a case is reported as done without a pair of photos; words beside it say more.
NO_PHOTO_REASONS: dict[str, Text] = {
    "invisible": _("Noise or smell: nothing to be seen"),
    "no_entry": _("Indoors or no entry"),
    "unsafe": _("Not safe to take one"),
    "privacy": _("People or private things would be seen"),
    "not_found": _("Nothing found on site"),
    "other": pgettext_lazy("no photo", "Another reason"),
}
#: How the reporter first hears of those who handle it.
CONTACT_WAYS: dict[str, Text] = {
    "on_site": _("On site"),
    "phone": _("By a call"),
    "message": _("In writing"),
}
RATINGS: dict[str, Text] = {
    "5": _("Very satisfied"),
    "4": _("Satisfied"),
    "3": _("So-so"),
    "2": _("Not satisfied"),
    "1": _("Very unsatisfied"),
}


@dataclass(frozen=True)
class Field:
    """One input: label, longest text, choices if it is one of a few, and its own rule."""

    label: Text
    longest: int = 500
    choices: Mapping[str, Text] | None = None
    multiline: bool = False
    check: Callable[[str], Text | None] | None = None


def _owner_shape(value: str) -> Text | None:
    kind, _sep, code = value.partition(":")
    if kind in {"department", "grid"} and code:
        return None
    return _("Choose a grid or a department.")


def _codes_shape(value: str) -> Text | None:
    codes = value.split(",")
    if all(re.fullmatch(r"[a-z0-9-]{1,40}", code) for code in codes) and len(codes) <= 12:
        return None
    return _("Choose departments from the list, twelve at most.")


def _number_shape(value: str) -> Text | None:
    if is_case_number(value.upper()):
        return None
    return _("This is not a case number. It looks like TN-20261123-0042-C.")


#: The furthest milestone of a stage (阶段性办结); the next one can be set when it is reached.
LONGEST_STAGE = timedelta(days=365)

#: What templates leave behind: {{name}}, 【name】, runs of × or underscores.
LEFTOVER = re.compile(r"\{\{.*?\}\}|【[^】]*】|×{2,}|_{3,}", re.DOTALL)


def _filled_in(value: str) -> Text | None:
    """Refuse an answer that still has a template's blanks in it."""
    left = LEFTOVER.search(value)
    if left is None:
        return None
    return _("“%(left)s” is still to be filled in. Replace or delete it.") % {"left": left[0][:40]}


def _day_ahead(value: str) -> Text | None:
    """A milestone lies ahead, and near enough that somebody will look at it."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _("Please write the day like 2026-11-23.")
    ahead = day - timezone.localdate()
    if timedelta(0) < ahead <= LONGEST_STAGE:
        return None
    return _("Choose a day from tomorrow on, within one year; later stages follow by themselves.")


def refuse_blanks(field: str, value: str) -> None:
    """Raise InvalidInput naming ``field`` when words for a resident still hold a blank."""
    problem = _filled_in(value)
    if problem:
        raise InvalidInput(problem, code="wrong_shape", field=field)


FIELDS: dict[str, Field] = {
    "message": Field(_("Message"), 2000, multiline=True),
    "reply": Field(_("Public answer"), 4000, multiline=True, check=_filled_in),
    "reason_code": Field(_("Reason"), choices={**REJECT_REASONS, **WHISTLE_REASONS}),
    "owner": Field(_("Owner"), 60, check=_owner_shape),
    "proposed_owner": Field(_("Proposed owner"), 60, check=_owner_shape),
    "main_number": Field(_("Main case"), 24, check=_number_shape),
    "body": Field(pgettext_lazy("refer out", "Responsible body"), 100),
    "outcome_code": Field(_("Outcome"), choices=OUTCOMES),
    "rating": Field(_("Rating"), choices=RATINGS),
    "rating_text": Field(_("Why"), 500, multiline=True),
    "followup_result": Field(_("Follow-up result"), choices=FOLLOWUP_RESULTS),
    "no_photo_code": Field(_("No photo because"), choices=NO_PHOTO_REASONS),
    "no_photo_reason": Field(_("Why there is no photo"), 200),
    "milestone_on": Field(_("Next stage reached by"), 10, check=_day_ahead),
    "category": Field(_("Category"), 60),
    "departments": Field(_("Departments"), 500, check=_codes_shape),
    "plan": Field(_("Joint plan"), 2000, multiline=True),
    "result": Field(pgettext_lazy("assist", "Result"), choices=ASSIST_RESULTS),
    "grade": Field(_("Grade"), choices=RATINGS),
    "track": Field(_("Track"), choices=dict(Track.choices)),
    "contact_way": Field(_("Reached"), choices=CONTACT_WAYS),
    "extension": Field(_("Extension"), 8),
}

#: Inputs an act may take besides the required ones.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "accept": ("category", "track"),
    "accept_dispatch": ("category", "track", "message"),
    "dispatch": ("message",),
    "complete": ("no_photo_code", "no_photo_reason"),
    "rate": ("rating_text",),
    "close": ("message",),
    "uphold_return": ("message",),
    "resume": ("message",),
    "split": ("category", "message"),
}


def clean_text(raw: object, *, longest: int, label: Text, field: str = "") -> str:
    """Return ``raw`` as tidy text: NFC, no control characters, Unix line ends, trimmed.

    Raises InvalidInput with the number of characters too many. Emoji and rare hanzi are welcome.
    """
    text = unicodedata.normalize("NFC", str(raw if raw is not None else ""))
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    text = text.encode("utf-8", "ignore").decode("utf-8")
    if len(text) > longest:
        raise InvalidInput(
            _("%(label)s: at most %(longest)d characters, now %(over)d too many.")
            % {"label": label, "longest": longest, "over": len(text) - longest},
            code="too_long",
            field=field,
        )
    return text


def clean_field(name: str, raw: object) -> str:
    """Return the tidy value of the input ``name``; '' when nothing was given.

    Raises InvalidInput naming the field when the value is too long or not one of its choices.
    """
    spec = FIELDS[name]
    value = clean_text(raw, longest=spec.longest, label=spec.label, field=name)
    if not value:
        return ""
    if spec.choices is not None and value not in spec.choices:
        raise InvalidInput(
            _("%(label)s: choose one from the list.") % {"label": spec.label},
            code="not_a_choice",
            field=name,
        )
    problem = spec.check(value) if spec.check else None
    if problem:
        raise InvalidInput(problem, code="wrong_shape", field=name)
    return value


def clean_inputs(data: Mapping[str, object], required: tuple[str, ...]) -> dict[str, str]:
    """Return the tidy known inputs of an act; a missing required one raises InvalidInput."""
    values = {name: clean_field(name, data[name]) for name in FIELDS if name in data}
    for name in required:
        if not values.get(name):
            spec = FIELDS[name]
            words = _("%(label)s is needed.") if spec.choices is None else _("Choose: %(label)s.")
            raise InvalidInput(
                words % {"label": spec.label},
                code="required",
                field=name,
            )
    return values
