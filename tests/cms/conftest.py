"""Fixtures of cms' tests: the bare tree of the pack, the demonstration content, a few results."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cms import demo
from cms.models import HomePage, PublishedResult
from foundation.places.models import Area
from foundation.places.pack import Pack

SECRET = b"31.779231N-119.974512E"


@pytest.fixture
def home(district_pack: str) -> HomePage:
    """The home page that the pack loader planted."""
    return HomePage.objects.get()


@pytest.fixture
def demo_content(district_pack: str) -> Pack:
    """All demonstration content of cms, loaded."""
    pack = Pack(district_pack)
    for load in (demo.load_pages, demo.load_news, demo.load_results):
        load(pack)
    return pack


@pytest.fixture
def make_result(district_pack: str) -> Callable[..., PublishedResult]:
    """``make_result(day, town="红梅街道", live=True)``: a saved result."""

    def make(day: date = date(2026, 10, 3), **values: Any) -> PublishedResult:
        town = values.pop("town", "红梅街道")
        fields: dict[str, Any] = {
            "number": "TN-TEST",
            "area": Area.objects.get(name=town),
            "category": "大气",
            "problem": "沿街烧烤店晚上油烟大。",
            "outcome": "已责令清洗净化器，复查合格。",
            "live": True,
        }
        return PublishedResult.objects.create(closed_on=day, **{**fields, **values})

    return make


def photo(kind: str = "JPEG", size: tuple[int, int] = (320, 200)) -> bytes:
    """A picture that carries a position and a marker in every place that its format offers."""
    picture = Image.new("RGB", size, (200, 90, 40))
    picture.putpixel((0, 0), (0, 0, 0))
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 46.0, 45.2), 3: "E", 4: (119.0, 58.0, 28.2)})
    options: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": SECRET * 9}
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Comment", SECRET.decode())
        options["pnginfo"] = notes
    if kind == "WEBP":
        options["xmp"] = SECRET
    output = BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")
