"""What an editor is told about a text before it is published: plain Chinese, nothing private.

Hints, not rules: only private details stop a publication. Pure; no ORM. The measures follow
适老化 and plain-language guidance for government sites: sentences that can be read in one breath,
letters explained, a date, somebody to ask.
"""

import re
from dataclasses import dataclass

from foundation.vault.masking import PrivateKind, find_private

LONGEST_SENTENCE = 60
MOST_NAMED = 3
ENDS = re.compile(r"[。！？；!?;\n]+")
HANZI = re.compile(r"[\u3400-\u9fff]")
LETTERS = re.compile(r"(?<![A-Za-z0-9.])[A-Z][A-Z0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9])")
#: Written so by everybody, or explained by their own number.
KNOWN = frozenset({"PM2.5", "PM10", "AQI", "APP", "PDF", "CSV", "QR", "GB", "HJ", "VIP", "ID"})
DATE = re.compile(r"\d{4}\s*年|\d{1,2}\s*月\s*\d{1,2}\s*日")
CONTACT = re.compile(
    r"(?<!\d)(?:\d{3,4}-\d{7,8}|12345|12369|1[3-9]\d{9})(?!\d)|[\w.-]+@[\w-]+\.\w+"
)
#: Numbers and addresses of persons; a telephone or mail address may be the office's own.
GRAVE = frozenset({PrivateKind.ID_NUMBER})
DOUBTFUL = frozenset({PrivateKind.PHONE, PrivateKind.EMAIL})


@dataclass(frozen=True)
class Hint:
    """One thing to look at: what it is, and the words it is about (may be empty)."""

    code: str
    words: str = ""


def hints_of(text: str, *, contact: str = "", is_dated: bool = False) -> list[Hint]:
    """Return what an editor should look at; the first three of each sort.

    ``contact`` is a field of the page that names whom to ask, ``is_dated`` whether the page shows a
    date of its own.
    """
    hints = [Hint("long_sentence", words) for words in _long_sentences(text)[:MOST_NAMED]]
    hints += [Hint("unexplained", words) for words in _unexplained(text)[:MOST_NAMED]]
    if not contact and not CONTACT.search(text):
        hints.append(Hint("no_contact"))
    if not is_dated and not DATE.search(text):
        hints.append(Hint("no_date"))
    private = [found.text for found in find_private(text) if found.kind in DOUBTFUL]
    return [*hints, *(Hint("may_be_private", words) for words in private[:MOST_NAMED])]


def grave_details(text: str) -> list[str]:
    """Return details that may never be published, whoever wrote them."""
    return [found.text for found in find_private(text) if found.kind in GRAVE]


def _long_sentences(text: str) -> list[str]:
    return [
        f"{part.strip()[:20]}…"
        for part in ENDS.split(text)
        if len(HANZI.findall(part)) > LONGEST_SENTENCE
    ]


def _unexplained(text: str) -> list[str]:
    """Letters that no bracket beside them explains, each once."""
    found: dict[str, bool] = {}
    for match in LETTERS.finditer(text):
        word = match.group()
        explained = text[match.end() : match.end() + 1] in "（(" and match.end() < len(text)
        explained = explained or text[: match.start()].endswith(("（", "("))
        found[word] = found.get(word, False) or explained
    return [word for word, explained in found.items() if not explained and word not in KNOWN]
