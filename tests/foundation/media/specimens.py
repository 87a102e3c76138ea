"""Photos made for tests: ordinary, marked with private data, broken, hostile. No binary files."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

# Every metadata marker contains this text; no served byte string may.
MARKER = b"GZ-MARKER-7f3a"
LON, LAT = 119.974, 31.772
TAKEN = "2026:02:14 08:30:00"


@lru_cache(maxsize=16)
def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Return a smooth, photo-like picture without metadata."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    small = (max(2, width // 16), max(2, height // 16))
    noise = random.Random(7).randbytes(small[0] * small[1] * channels)
    base = Image.frombytes(mode, small, noise)
    return base.resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return ``image`` as a file of ``kind`` (a Pillow format name)."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    degrees = int(value)
    minutes = int((value - degrees) * 60)
    return (float(degrees), float(minutes), round((value - degrees - minutes / 60) * 3600, 4))


def exif_block(
    *, lon: float = LON, lat: float = LAT, taken: str = TAKEN, orientation: int = 1
) -> Image.Exif:
    """Return EXIF with position, time, orientation and markers in its free texts."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MARKER.decode() + "-make"
    exif[0x010E] = MARKER.decode() + "-description"
    exif[0x013B] = MARKER.decode() + "-artist"
    exif[0x9C9C] = (MARKER.decode() + "-xpcomment").encode("utf-16-le")
    details = exif.get_ifd(0x8769)
    details[0x9003] = taken
    details[0x9286] = b"ASCII\0\0\0" + MARKER + b"-usercomment"
    details[0xA431] = MARKER.decode() + "-serial"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = ("N" if lat >= 0 else "S"), _degrees(abs(lat))
    gps[3], gps[4] = ("E" if lon >= 0 else "W"), _degrees(abs(lon))
    gps[27] = b"ASCII\0\0\0" + MARKER + b"-gpsmethod"
    return exif


def exif_with_thumbnail(**values: object) -> bytes:
    """Return EXIF bytes whose second directory holds a JPEG thumbnail with a marked comment."""
    body = exif_block(**values).tobytes()  # type: ignore[arg-type]
    thumbnail = encoded(picture(160, 120), "JPEG", comment=MARKER + b"-thumbnail")
    tiff = bytearray(body.removeprefix(b"Exif\0\0"))
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(f"{order}I", tiff, 4)[0]
    count = struct.unpack_from(f"{order}H", tiff, first)[0]
    second = len(tiff)
    struct.pack_into(f"{order}I", tiff, first + 2 + 12 * count, second)
    place = second + 2 + 12 * 3 + 4
    tiff += struct.pack(f"{order}H", 3)
    tiff += struct.pack(f"{order}HHIHH", 0x0103, 3, 1, 6, 0)
    tiff += struct.pack(f"{order}HHII", 0x0201, 4, 1, place)
    tiff += struct.pack(f"{order}HHII", 0x0202, 4, 1, len(thumbnail))
    tiff += struct.pack(f"{order}I", 0) + thumbnail
    return b"Exif\0\0" + bytes(tiff)


XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>'
    + MARKER
    + b"-xmp</rdf:Description></rdf:RDF></x:xmpmeta>"
    b'<?xpacket end="w"?>'
)


def marked_icc() -> bytes:
    """Return an sRGB profile whose description carries the marker."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = bytes(profile).find("sRGB".encode("utf-16-be"))
    text = MARKER.decode()[:4].encode("utf-16-be")
    assert at > 0
    profile[at : at + len(text)] = text
    # An unused private tag holds the whole marker: readers must ignore it, writers copy it.
    profile += MARKER + b"-icc"
    struct.pack_into(">I", profile, 0, len(profile))
    return bytes(profile)


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_jpeg_segments(data: bytes, *segments: bytes) -> bytes:
    """Insert segments behind the first two bytes of a JPEG."""
    return data[:2] + b"".join(segments) + data[2:]


def iptc_segment() -> bytes:
    record = b"\x1c\x02\x78" + struct.pack(">H", len(MARKER) + 5) + MARKER + b"-iptc"
    resource = b"8BIM" + struct.pack(">H", 0x0404) + b"\0\0" + struct.pack(">I", len(record))
    return jpeg_segment(0xED, b"Photoshop 3.0\0" + resource + record + b"\0" * (len(record) % 2))


def marked_jpeg(**values: object) -> bytes:
    plain = encoded(
        picture(),
        "JPEG",
        quality=90,
        exif=exif_with_thumbnail(**values),
        icc_profile=marked_icc(),
        comment=MARKER + b"-comment",
    )
    xmp = jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    unknown = jpeg_segment(0xEB, MARKER + b"-app11")
    return with_jpeg_segments(plain, xmp, iptc_segment(), unknown) + MARKER + b"-tail"


def marked_png(**values: object) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", MARKER.decode() + "-text")
    texts.add_text("Packed", MARKER.decode() + "-ztxt", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add_itxt("Author", MARKER.decode() + "-itxt", lang="zh")
    texts.add(b"prVt", MARKER + b"-private")
    return (
        encoded(
            picture(), "PNG", pnginfo=texts, exif=exif_with_thumbnail(**values),
            icc_profile=marked_icc(), compress_level=1,
        )
        + MARKER
    )  # fmt: skip


def marked_webp(**values: object) -> bytes:
    data = encoded(
        picture(), "WEBP", exif=exif_with_thumbnail(**values), xmp=XMP, icc_profile=marked_icc(),
        method=0,
    )  # fmt: skip
    extra = b"JUNK" + struct.pack("<I", len(MARKER)) + MARKER
    whole = data[8:] + extra
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def marked_heic(**values: object) -> bytes:
    image = picture().copy()
    heif = pillow_heif.from_pillow(image)
    target = io.BytesIO()
    heif.save(
        target, quality=60, exif=exif_with_thumbnail(**values), xmp=XMP, icc_profile=marked_icc()
    )
    return target.getvalue() + struct.pack(">I", 8 + len(MARKER)) + b"free" + MARKER


MARKED: dict[str, Callable[..., bytes]] = {
    "JPEG": marked_jpeg,
    "PNG": marked_png,
    "WEBP": marked_webp,
    "HEIF": marked_heic,
}


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int, *, rows: int = 1, colour: int = 2) -> bytes:
    """Return a PNG whose header claims a size; only ``rows`` rows of black are really there."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    squeezer = zlib.compressobj(9)
    row = b"\0" * (width * (3 if colour == 2 else 1) + 1)
    pixels = b"".join(squeezer.compress(row) for _ in range(rows)) + squeezer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def png_ztxt_bomb(size: int) -> bytes:
    """Return a small PNG with a compressed text that unpacks to ``size`` bytes."""
    plain = encoded(picture(64, 64), "PNG")
    chunk = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * size, 9))
    return plain[:33] + chunk + plain[33:]


def jpeg_claiming(width: int, height: int) -> bytes:
    """Return a tiny JPEG whose frame header claims another size."""
    data = bytearray(encoded(picture(16, 16), "JPEG"))
    frame = data.find(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height, width)
    return bytes(data)


def jpeg_of_many_scans(scans: int, side: int = 4000) -> bytes:
    """Return a progressive JPEG that repeats one scan: little data, long decoding."""
    data = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=10)
    last = data.rfind(b"\xff\xda")
    body, scan = data[:last], data[last:-2]
    return body + scan * scans + b"\xff\xd9"
