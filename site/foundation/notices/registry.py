"""What can be told to people, and who knows how to reach them.

Apps register their messages in ``<app>/notices.py``; foundation.accounts registers the contact
book, because it stands above this app and knows the users.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from foundation.notices.errors import DuplicateTemplate, UnknownTemplate

#: Channel name → address, for one user; an empty mapping when the user cannot be reached.
ContactBook = Callable[[int], dict[str, str]]


@dataclass(frozen=True)
class Template:
    """One kind of message.

    ``channels`` is an order of preference: a message leaves once, by the first channel for which
    the recipient has an address. ``valid_for`` is how long it is worth sending (None: for ever).
    """

    code: str
    subject: str | Promise
    body_template: str
    channels: tuple[str, ...]
    valid_for: timedelta | None = None


_templates: dict[str, Template] = {}
_contact_books: list[ContactBook] = []


def template(
    code: str,
    *,
    subject: str | Promise,
    body_template: str,
    channels: tuple[str, ...] = ("sms", "email"),
    valid_for: timedelta | None = None,
) -> Template:
    """Register the message ``code``; a second, different registration raises DuplicateTemplate.

    ``subject`` (lazy) stands on the page and in the mail, so it never holds personal data.
    ``body_template`` is a text template; its context is what ``queue`` was given plus
    ``public_url`` and ``code``. It is rendered without HTML escaping.
    """
    made = Template(code, subject, body_template, tuple(channels), valid_for)
    known = _templates.get(code)
    if known is not None and known.body_template != body_template:
        raise DuplicateTemplate(code)
    _templates[code] = made
    return made


def template_of(code: str) -> Template:
    """Return the message registered as ``code`` or raise UnknownTemplate."""
    try:
        return _templates[code]
    except KeyError:
        raise UnknownTemplate(code) from None


def all_templates() -> list[Template]:
    """Every registered message, by code."""
    return [_templates[code] for code in sorted(_templates)]


def contact_book(book: ContactBook) -> ContactBook:
    """Decorator: register the function that finds the addresses of a user."""
    if book not in _contact_books:
        _contact_books.append(book)
    return book


def contacts_of(user_id: int) -> dict[str, str]:
    """Return channel → address of a user from every registered contact book."""
    found: dict[str, str] = {}
    for book in _contact_books:
        found.update(book(user_id))
    return found
