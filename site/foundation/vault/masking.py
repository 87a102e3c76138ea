"""Finds private details in text that is about to be published, and suggests a masked version.

Pure functions, no database. Changzhou's public result lists once showed building and unit numbers
of the people who complained (domain notes §2d); this is the gate that stops it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
MASK = "＊"

_DIGIT = "[0-9０-９]"
_HAN_NUMERAL = "[一二三四五六七八九十百]"
_ID_NUMBER = re.compile(rf"(?<!{_DIGIT})[1-9]\d{{5}}(?:19|20)\d{{9}}(?:\d(?!{_DIGIT})|[Xx])")
_MOBILE = re.compile(
    rf"(?<!{_DIGIT})(?:\+?86[- ]?)?1[3-9]{_DIGIT}(?:[- ]?{_DIGIT}{{4}}){{2}}(?!{_DIGIT})"
)
_LANDLINE = re.compile(rf"(?<!{_DIGIT})0\d{{2,3}}[-— ]?[2-9]\d{{6,7}}(?!{_DIGIT})")
_RANGE = r"\s*[-—－–]\s*"
# A count is no address: "三户" and "两栋楼" stay, "302户" and "三幢" go.
_UNIT = re.compile(
    "|".join(
        (
            rf"(?:{_DIGIT}|[A-Za-z甲乙丙丁]|{_HAN_NUMERAL}){{1,4}}\s*(?:号楼|单元)",
            rf"(?:{_DIGIT}|[A-Za-z甲乙丙丁]){{1,4}}\s*(?:幢|栋|座)",
            rf"{_HAN_NUMERAL}{{1,3}}(?:幢|栋)(?!楼|房)",
            rf"{_DIGIT}{{1,4}}\s*号\s*{_DIGIT}{{2,5}}\s*(?:室|户)?",
            rf"{_DIGIT}{{3,5}}\s*(?:室|户)",
            rf"(?<![\d.-]){_DIGIT}{{1,4}}{_RANGE}{_DIGIT}{{1,4}}{_RANGE}{_DIGIT}{{1,5}}\s*(?:室|户)?",
            rf"(?<![\d.-]){_DIGIT}{{1,4}}{_RANGE}{_DIGIT}{{3,4}}\s*(?:室|户)?"
            r"(?!\s*[\d年月日时点分小%％个米吨元天号件条-])",
        )
    )
)
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PLATE = re.compile(
    r"[京津沪渝苏浙皖鲁豫冀晋蒙辽吉黑闽赣鄂湘粤桂琼川贵云藏陕甘青宁新][A-Z][A-Z0-9]{5,6}"
)


class PrivateKind(StrEnum):
    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMAIL = "email"
    PLATE = "plate"
    UNIT = "unit"


# Never publishable, whatever the editor says; a building number may be part of a public place.
ALWAYS_PRIVATE = frozenset({PrivateKind.ID_NUMBER, PrivateKind.PHONE, PrivateKind.EMAIL})


@dataclass(frozen=True)
class Finding:
    """One private detail: its kind and its place in the text (character offsets, end exclusive)."""

    kind: PrivateKind
    start: int
    end: int
    text: str


_PATTERNS = (
    (PrivateKind.ID_NUMBER, _ID_NUMBER),
    (PrivateKind.PHONE, _MOBILE),
    (PrivateKind.PHONE, _LANDLINE),
    (PrivateKind.EMAIL, _MAIL),
    (PrivateKind.PLATE, _PLATE),
    (PrivateKind.UNIT, _UNIT),
)


def is_id_number(text: str) -> bool:
    """Whether ``text`` is an 18-character Chinese identity number with a right check character.

    GB 11643: weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, sum modulo 11 → 1 0 X 9 8 7 6 5 4 3 2.
    """
    if not re.fullmatch(r"\d{17}[\dXx]", text, re.ASCII):
        return False
    total = sum(int(d) * w for d, w in zip(text[:17], ID_WEIGHTS, strict=True))
    return ID_CHECKS[total % 11] == text[17].upper()


def _candidates(text: str) -> Iterable[Finding]:
    days = [match.span() for match in _DAY.finditer(text)]
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if all(match.end() <= start or match.start() >= end for start, end in days):
                yield Finding(kind, match.start(), match.end(), match.group())


def find_private(text: str) -> list[Finding]:
    """Return the private details in ``text``, left to right, never overlapping.

    A mistyped identity number is found too: its owner is just as recognisable.
    """
    found: list[Finding] = []
    for finding in _candidates(text):
        if all(finding.end <= f.start or finding.start >= f.end for f in found):
            found.append(finding)
    return sorted(found, key=lambda f: f.start)


def _mask_of(finding: Finding) -> str:
    if finding.kind is PrivateKind.UNIT:
        suffix = re.search(r"(?:号楼|幢|栋|座|单元|室|户)$", finding.text)
        return MASK + (suffix.group() if suffix else "")
    return MASK * 3


def masked(text: str) -> str:
    """Return ``text`` with every finding replaced; masking twice changes nothing."""
    while found := find_private(text):
        parts: list[str] = []
        at = 0
        for finding in found:
            parts += [text[at : finding.start], _mask_of(finding)]
            at = finding.end
        # A mask may bare a neighbour that a longer run of digits had hidden: look again.
        text = "".join([*parts, text[at:]])
    return text
