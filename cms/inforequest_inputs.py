"""What a request and its acts take: tidy texts, choices, the applicant's identity. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import InvalidInput
from cms.inforequest_workflow import (
    ANSWERS,
    CONSULTED,
    CORRECTION_LIMITS,
    EXTENSION_LIMITS,
    GROUNDS,
    OPINIONS,
    AnswerType,
    Text,
)
from foundation.vault.masking import is_id_number

CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200b-\u200f\u2028\u2029\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
SURROGATE = re.compile(r"[\ud800-\udfff]")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
PHONE = re.compile(r"\+?[\d\s-]{7,20}")
OTHER_IDENTITY = re.compile(r"[A-Za-z0-9（）()]{5,24}")

LONGEST = {"title": 120, "description": 1000, "message": 1000, "letter": 4000, "pointer": 300}
LONGEST_SOURCE = 60_000
CHOICES: dict[str, Collection[str]] = {
    "consulted": CONSULTED,
    "opinion": OPINIONS,
    "answer_type": set(ANSWERS),
    "ground": GROUNDS,
}
LIMITS = {"ask_correction": CORRECTION_LIMITS, "ask_extension": EXTENSION_LIMITS}


@dataclass(frozen=True)
class Application:
    """Everything a submission holds (Art 29). ``applicant`` goes to the vault only.

    Its keys: name, identity, phone, email, address, contact (of an organisation).
    """

    key: UUID
    title: str
    description: str = ""
    medium: str = "electronic"
    way: str = "online"
    kind: str = "citizen"
    applicant: Mapping[str, str] = field(default_factory=dict)
    account_id: int | None = None


def clean(text: str, *, longest: int, name: str, required: bool = True) -> str:
    """Return tidy text: no control or invisible signs, trimmed; raises InvalidInput."""
    folded = unicodedata.normalize("NFC", CONTROL.sub("", SURROGATE.sub("", text)))
    tidy = folded.replace("\r\n", "\n").strip()
    if not tidy and required:
        raise InvalidInput(_("Please fill this in."), field=name)
    if len(tidy) > longest:
        raise InvalidInput(_("Too long: %(n)d characters at most.") % {"n": longest}, field=name)
    return tidy


def clean_applicant(kind: str, typed: Mapping[str, str], way: str) -> dict[str, str]:
    """Return what the vault keeps of an applicant: name, identity, one way of contact at least."""
    fields = {
        name: clean(typed.get(name, ""), longest=longest, name=name, required=False)
        for name, longest in
        {"name": 60, "identity": 24, "phone": 30, "email": 120, "address": 160}.items()
    }  # fmt: skip
    if not fields["name"]:
        raise InvalidInput(_("Please write your name, or that of the organisation."), field="name")
    _check_identity(kind, fields["identity"])
    if fields["email"] and not EMAIL.fullmatch(fields["email"]):
        raise InvalidInput(_("This e-mail address does not look right."), field="email")
    if fields["phone"] and not PHONE.fullmatch(fields["phone"]):
        raise InvalidInput(_("This telephone number does not look right."), field="phone")
    if not (fields["phone"] or fields["email"]):
        raise InvalidInput(
            _("Please leave a telephone number or an e-mail address."), field="phone"
        )
    needed = {"email": "email", "post": "address"}.get(way, "")
    if needed and not fields[needed]:
        raise InvalidInput(_("Please tell us where to send it."), field=needed)
    return {name: value for name, value in fields.items() if value}


def _check_identity(kind: str, identity: str) -> None:
    """Art 29 asks for proof of identity: an identity card or another document's number."""
    if kind == "citizen" and re.fullmatch(r"\d{17}[\dXx]", identity, re.ASCII):
        if not is_id_number(identity):
            raise InvalidInput(
                _("One digit of the identity number is wrong. Please check it."), field="identity"
            )
    elif not OTHER_IDENTITY.fullmatch(identity):
        raise InvalidInput(
            _("Please write the number of your identity document or credit code."),
            field="identity",
        )


def clean_act(action: str, data: Mapping[str, object], required: Collection[str]) -> dict[str, str]:
    """Return the inputs of an act, tidy; raises InvalidInput naming the field."""
    wanted = set(required) | {"message", "pointer", "ground", "who", "source", "document"}
    values: dict[str, str] = {}
    for name in sorted(wanted & set(data)):
        longest = LONGEST_SOURCE if name == "source" else LONGEST.get(name, 200)
        values[name] = clean(str(data[name]), longest=longest, name=name, required=False)
    for name in required:
        if not values.get(name):
            raise InvalidInput(_("Please fill this in."), field=name)
    for name, choices in CHOICES.items():
        if values.get(name) and values[name] not in choices:
            raise InvalidInput(_("Please choose one of the list."), field=name)
    if "limit" in required and values["limit"] not in LIMITS[action]:
        raise InvalidInput(_("Please choose one of the list."), field="limit")
    if action == "draft_answer":
        _check_answer(values)
    return {name: value for name, value in values.items() if value}


def _check_answer(values: Mapping[str, str]) -> None:
    spec = ANSWERS[AnswerType(values["answer_type"])]
    missing: tuple[str, Text] | None = next(
        ((name, _("This answer needs it.")) for name in spec.required if not values.get(name)), None
    )
    if missing:
        raise InvalidInput(missing[1], field=missing[0])
