"""Which picture formats are accepted, told by the first bytes; names and headers prove nothing.

No Django, no Pillow: the isolated decoder imports this too.
"""

from typing import Final

JPEG: Final = "JPEG"
PNG: Final = "PNG"
WEBP: Final = "WEBP"
HEIF: Final = "HEIF"

CONTENT_TYPES: Final = {
    JPEG: "image/jpeg",
    PNG: "image/png",
    WEBP: "image/webp",
    HEIF: "image/heif",
}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> str | None:
    """Return the format whose signature ``head`` (≥ 16 bytes) carries, or None if not accepted."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return HEIF
    return None


def is_cheap_jpeg(data: bytes, *, max_scans: int) -> bool:
    """Say whether a JPEG decodes in one linear pass: sequential, Huffman-coded, with few scans.

    Inside coded data every FF is followed by 00 or a restart mark, so counting the marker bytes
    gives an upper bound. FFC2 starts a progressive frame, FFC9 and FFCA arithmetic coding.
    """
    if any(frame in data for frame in (b"\xff\xc2", b"\xff\xc9", b"\xff\xca")):
        return False
    return data.count(b"\xff\xda") <= max_scans
