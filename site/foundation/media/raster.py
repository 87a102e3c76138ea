"""Pixels in, safe pixels out. Runs in the isolated decoder; no Django, no files, no network.

The clean copy is painted on a fresh canvas, so that nothing but pixels can travel: no EXIF, XMP,
IPTC, ICC, comment, embedded thumbnail or appended bytes. (A plain re-save keeps a JPEG comment and
a PNG's ICC profile.)
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageFile

from foundation.media.exif import orientation_of
from foundation.media.formats import HEIF, JPEG, WEBP
from foundation.media.limits import (
    FULL_SIDE,
    JPEG_QUALITY,
    MAX_PIXELS,
    MAX_PIXELS_WEBP,
    THUMB_SIDE,
)

SRGB: Final = ImageCms.createProfile("sRGB")
WHITE: Final = (255, 255, 255)
_TURNS: Final = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


class TooManyPixels(Exception):
    """The header states more pixels than ``MAX_PIXELS``; nothing was decoded."""


@dataclass(frozen=True, slots=True)
class Clean:
    """``full`` (longest side ≤ 2048 px) and ``thumb`` (≤ 400 px) are JPEG bytes without metadata.

    ``dhash`` is a signed 64-bit perceptual hash: near-equal photos differ in few bits.
    """

    full: bytes
    thumb: bytes
    width: int
    height: int
    dhash: int


def open_photo(data: bytes, kind: str) -> Image.Image:
    """Read the header of ``data`` as ``kind`` and nothing else; ``TooManyPixels`` above the cap."""
    if kind == HEIF:
        # Imported here: 60 ms and 20 MB that only HEIC photos need.
        from pillow_heif import options, register_heif_opener

        register_heif_opener()
        options.DECODE_THREADS = 1
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=(kind,))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise TooManyPixels from error
    if image.width * image.height > (MAX_PIXELS_WEBP if kind == WEBP else MAX_PIXELS):
        raise TooManyPixels
    return image


def load_small(image: Image.Image, kind: str, side: int) -> None:
    """Decode every byte of ``image``; a JPEG directly at the least scale that is ≥ ``side`` px."""
    if kind == JPEG:
        image.draft(None, (side, side))
    image.load()


def turned_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Return width and height as a viewer sees them."""
    return (height, width) if orientation >= 5 else (width, height)


def fitted_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the size that fits a square of ``side`` px with the same shape; never larger."""
    factor = side / max(width, height)
    if factor >= 1:
        return width, height
    return max(1, round(width * factor)), max(1, round(height * factor))


def make_clean(data: bytes, kind: str) -> Clean:
    """Decode the first frame of ``data`` fully and return its clean copies in sRGB, upright."""
    image = open_photo(data, kind)
    load_small(image, kind, FULL_SIDE)
    turns = _TURNS.get(orientation_of(image.getexif()), ())
    profile = image.info.get("icc_profile")
    small = _flattened(image)
    for turn in turns:
        small = small.transpose(turn)
    canvas = _painted(_in_srgb(small, profile))
    thumb = _painted(_fitted(canvas, THUMB_SIDE))
    return Clean(
        full=_encoded(canvas),
        thumb=_encoded(thumb),
        width=canvas.width,
        height=canvas.height,
        dhash=dhash(canvas),
    )


def dhash(image: Image.Image) -> int:
    """Return the signed 64-bit difference hash: is each of 8×8 cells brighter than the next?"""
    cells = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (cells[at] > cells[at + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """Shrink to fit a square of ``side`` px; never enlarge. ``image`` itself stays as it is."""
    size = fitted_size(*image.size, side)
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _flattened(image: Image.Image) -> Image.Image:
    """Return ``image`` at most 2048 px long, in L, RGB or CMYK, transparency laid on white."""
    # Shrink before converting wherever the mode allows it: a full-size copy costs 4 bytes a pixel.
    if image.mode.startswith("I;16"):
        image = _high_bytes(image)
    elif image.mode == "P":
        coarse = fitted_size(*image.size, 2 * FULL_SIDE)
        image = image.resize(coarse, Image.Resampling.NEAREST)
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode not in ("L", "LA", "RGB", "CMYK", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = _fitted(image, FULL_SIDE)
    if image.mode not in ("LA", "RGBA"):
        return image
    canvas = Image.new("RGB", image.size, WHITE)
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return canvas


def _high_bytes(image: Image.Image) -> Image.Image:
    """Return a 16-bit grey picture as 8-bit grey (Pillow's own convert would clip it)."""
    first = 0 if image.mode.endswith("B") else 1
    return Image.frombytes("L", image.size, image.tobytes()[first::2])


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return ``image`` in sRGB; a broken or unfitting profile counts as none."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _painted(image: Image.Image) -> Image.Image:
    """Return the pixels of an RGB ``image`` on a fresh canvas."""
    canvas = Image.new("RGB", image.size, WHITE)
    canvas.paste(image)
    return canvas


def _encoded(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()
