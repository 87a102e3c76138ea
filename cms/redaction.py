"""Blacking out (Art 37): staff put ``[[…]]`` around passages; the copy is written without them.

Pure. The copy is a new text: a bar of one length stands for whatever was marked, and every other
occurrence of a marked passage goes too, so that neither length nor repetition gives it away.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import InvalidInput
from foundation.vault.masking import ALWAYS_PRIVATE, find_private

OPEN, CLOSE = "[[", "]]"
BAR = "■■■■"
MARKED = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
#: Shorter passages are taken where they are marked only: a single sign is everywhere.
SHORTEST_REPEATED = 2


@dataclass(frozen=True)
class Copy:
    """The clean copy and the passages that were left out of it."""

    text: str
    passages: tuple[str, ...]


def redact(marked: str) -> Copy:
    """Return the clean copy of a marked text.

    Raises InvalidInput: marks that do not pair, an empty copy, private details that nobody marked.
    """
    folded = _folded(marked)
    passages = tuple(found.group(1) for found in MARKED.finditer(folded))
    bare = MARKED.sub("", folded)
    if OPEN in bare or CLOSE in bare or any(OPEN in passage for passage in passages):
        raise InvalidInput(_("A mark [[ has no ]], or the other way round."), field="source")
    text = MARKED.sub(BAR, folded)
    for passage in sorted(set(map(str.strip, passages)), key=len, reverse=True):
        if len(passage) >= SHORTEST_REPEATED:
            text = text.replace(passage, BAR)
    text = re.sub(rf"{BAR}(?:\s*{BAR})+", BAR, text)
    if not text.replace(BAR, "").strip():
        raise InvalidInput(
            _("Nothing is left to release. Then answer “not released”."), field="source"
        )
    _refuse_private(text)
    return Copy(text, tuple(filter(None, map(str.strip, passages))))


def _folded(text: str) -> str:
    """The text with marks in ASCII; a released document keeps its own punctuation."""
    tidy = unicodedata.normalize("NFC", text)
    return tidy.replace("［［", OPEN).replace("］］", CLOSE)


def _refuse_private(text: str) -> None:
    private = [found.text for found in find_private(text) if found.kind in ALWAYS_PRIVATE]
    if private:
        raise InvalidInput(
            _("Private details are not marked yet: %(which)s") % {"which": "、".join(private[:5])},
            field="source",
        )


def premark(text: str) -> str:
    """Return ``text`` with marks around private details that nobody has marked yet."""
    folded = _folded(text)
    covered = [found.span() for found in MARKED.finditer(folded)]
    parts, at = [], 0
    for found in find_private(folded):
        if any(start <= found.start and found.end <= end for start, end in covered):
            continue
        parts += [folded[at : found.start], OPEN, folded[found.start : found.end], CLOSE]
        at = found.end
    return "".join([*parts, folded[at:]])


def leaks(text: str, passages: tuple[str, ...]) -> bool:
    """Whether a text that is to be read by others repeats something that was blacked out."""
    folded = unicodedata.normalize("NFKC", text)
    return any(len(p) >= SHORTEST_REPEATED and p in folded for p in passages)
