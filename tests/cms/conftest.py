"""Fixtures of cms' tests: the bare tree of the pack, the demonstration content, a few results."""

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django.plugin import DjangoDbBlocker

from cms import demo
from cms.models import HomePage, PublishedResult
from foundation.places.models import Area
from foundation.places.pack import Pack

SECRET = b"31.779231N-119.974512E"


@pytest.fixture
def home(district_pack: str) -> HomePage:
    """The home page that the pack loader planted."""
    return HomePage.objects.get()


@pytest.fixture(scope="module")
def demonstration(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """All demonstration content of cms, loaded once around all tests of a file; its media folder.

    Every test of that file must want it: it stands in the database as long as the file runs.
    """
    media = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=media):
            pack = Pack(settings.DISTRICT_PACK)
            for load in (demo.load_pages, demo.load_news, demo.load_results):
                load(pack)
        yield media
        transaction.set_rollback(True)


@pytest.fixture
def demo_content(demonstration: Path, district_pack: str, own_folders: Path, settings: Any) -> Pack:
    """The demonstration content in the transaction and with the media folder of this test."""
    settings.MEDIA_ROOT = demonstration
    return Pack(district_pack)


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
