"""Marking found words in the original text: segments, never markup; templates escape them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SNIPPET_LENGTH = 120
SCANNED_LENGTH = 20_000
LEAD = 24
LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True)
class Segment:
    """A piece of text, marked when it holds a found word."""

    text: str
    is_marked: bool = False


Span = tuple[int, int]


class Marker:
    """Finds words in texts. Latin words only match whole, hanzi anywhere."""

    def __init__(self, words: Iterable[str]) -> None:
        ordered = sorted({word for word in words if word}, key=lambda w: (-len(w), w))
        self._pattern = re.compile("|".join(_pattern(w) for w in ordered)) if ordered else None

    def mark(self, text: str) -> list[Segment]:
        """Return the whole of ``text`` in segments."""
        return _segments(text, 0, len(text), self._spans(text))

    def snippet(self, text: str) -> list[Segment]:
        """Return about 120 characters around the place with most different words."""
        flat = " ".join(text[:SCANNED_LENGTH].split())
        spans = self._spans(flat)
        start = max(0, _densest(flat, spans) - LEAD)
        end = min(len(flat), start + SNIPPET_LENGTH)
        start = max(0, min(start, end - SNIPPET_LENGTH))
        segments = _segments(flat, start, end, spans)
        if start:
            segments.insert(0, Segment("…"))
        if end < len(flat):
            segments.append(Segment("…"))
        return segments

    def _spans(self, text: str) -> list[Span]:
        if self._pattern is None:
            return []
        folded, origin = _folded(text)
        spans: list[Span] = []
        for found in self._pattern.finditer(folded):
            start, end = origin[found.start()], origin[found.end() - 1] + 1
            if spans and start <= spans[-1][1]:
                start = spans.pop()[0]  # neighbours become one mark
            spans.append((start, end))
        return spans


def _pattern(word: str) -> str:
    before = r"(?<![a-z0-9])" if LATIN.match(word[0]) else ""
    after = r"(?![a-z0-9])" if LATIN.match(word[-1]) else ""
    return before + re.escape(word) + after


def _folded(text: str) -> tuple[str, list[int]]:
    """Return ``text`` normalised character by character, and where each character came from."""
    pieces = [
        character
        if "\u4e00" <= character <= "\u9fff"
        else unicodedata.normalize("NFKC", character).lower()
        for character in text
    ]
    origin = [index for index, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), origin


def _densest(text: str, spans: Sequence[Span]) -> int:
    """Return the start of the window of snippet length that holds most different words."""
    best, most = 0, 0
    for index, (start, _) in enumerate(spans):
        inside: set[str] = set()
        for other_start, other_end in spans[index:]:
            if other_end > start + SNIPPET_LENGTH - LEAD:
                break
            inside.add(text[other_start:other_end])
        if len(inside) > most:
            best, most = start, len(inside)
    return best


def _segments(text: str, start: int, end: int, spans: Sequence[Span]) -> list[Segment]:
    segments: list[Segment] = []
    position = start
    for span_start, span_end in spans:
        left, right = max(span_start, position), min(span_end, end)
        if left >= right:
            continue
        if left > position:
            segments.append(Segment(text[position:left]))
        segments.append(Segment(text[left:right], is_marked=True))
        position = right
    if position < end:
        segments.append(Segment(text[position:end]))
    return segments
