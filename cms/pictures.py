"""Rebuilds editors' pictures so that no metadata leaves the house. Pure Pillow, no database.

Wagtail keeps EXIF, position included, in originals and in JPEG renditions (measured). Only pixels
survive here: the picture is decoded, turned upright, converted to sRGB and painted on a fresh
canvas, so no chunk of the uploaded file is ever copied.
"""

import io
import warnings
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_PIXELS = 50_000_000
FORMATS = {"JPEG", "PNG", "WEBP", "GIF"}
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "progressive": True, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 88},
}
_SRGB = ImageCms.createProfile("sRGB")


class PictureRefused(ValueError):
    """The bytes are not a picture we can rebuild: wrong type, broken, or too large."""


def _decoded(source: IO[bytes]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(source, formats=sorted(FORMATS))
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureRefused("too many pixels")
            picture.load()
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ) as error:
        raise PictureRefused(str(error)) from error
    return picture


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "L"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(picture, io.BytesIO(profile), _SRGB, outputMode="RGB")
    except ImageCms.PyCMSError:
        return picture
    return converted or picture


def _has_alpha(picture: Image.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def rebuilt(source: IO[bytes]) -> bytes:
    """Return the picture in ``source`` as new bytes of the same format, without any metadata.

    GIF becomes PNG (first frame). Raises PictureRefused on anything but a whole JPEG, PNG, WebP or
    GIF of at most 50 megapixels.
    """
    picture = _decoded(source)
    kind = "PNG" if picture.format == "GIF" else str(picture.format)
    upright = ImageOps.exif_transpose(picture)
    alpha = _has_alpha(upright) and kind != "JPEG"
    pixels = upright.convert("RGBA") if alpha else _to_srgb(upright).convert("RGB")
    canvas = Image.new(pixels.mode, pixels.size)
    canvas.paste(pixels)
    output = io.BytesIO()
    canvas.save(output, kind, **SAVE_OPTIONS[kind])
    return output.getvalue()
