"""No byte of metadata leaves the house, by whichever door a picture came in."""

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from cms.models import Picture
from cms.pictures import PictureRefused, rebuilt
from tests.cms.conftest import SECRET, photo, upload

FORMATS = ["JPEG", "PNG", "WEBP"]
MARKS = [SECRET, b"Exif", b"GPS", b"http://ns.adobe.com", b"iCCP", b"ICC_PROFILE", b"EXIF", b"ICCP"]


def _left(data: bytes) -> list[bytes]:
    return [mark for mark in MARKS if mark in data]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_sample_really_carries_a_position(kind: str) -> None:
    assert SECRET in photo(kind)
    assert Image.open(io.BytesIO(photo(kind))).getexif().get_ifd(0x8825)[2]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_rebuilt_picture_holds_pixels_only(kind: str) -> None:
    data = rebuilt(io.BytesIO(photo(kind)))
    assert _left(data) == []
    again = Image.open(io.BytesIO(data))
    assert (again.format, again.size, dict(again.getexif())) == (kind, (320, 200), {})


def test_a_picture_lying_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    output = io.BytesIO()
    Image.new("RGB", (300, 100)).save(output, "JPEG", exif=exif.tobytes())
    assert Image.open(io.BytesIO(rebuilt(io.BytesIO(output.getvalue())))).size == (100, 300)


def test_transparency_survives() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (10, 10), (1, 2, 3, 0)).save(output, "PNG")
    again = Image.open(io.BytesIO(rebuilt(io.BytesIO(output.getvalue()))))
    assert again.mode == "RGBA"
    assert again.getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\xff\xd8\xff\xe0 broken", photo()[:700]])
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        rebuilt(io.BytesIO(data))


def test_a_picture_of_400_megapixels_is_refused() -> None:
    output = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(output, "PNG")
    with pytest.raises(PictureRefused):
        rebuilt(io.BytesIO(output.getvalue()))


@pytest.mark.parametrize("kind", FORMATS)
def test_neither_original_nor_rendition_keeps_a_byte(db: None, kind: str) -> None:
    name = f"photo.{kind.lower().replace('jpeg', 'jpg')}"
    picture = Picture.objects.create(title="t", file=upload(photo(kind), name))
    for spec in ("width-100", "fill-80x80", "width-100|format-jpeg", "width-100|format-webp"):
        rendition = picture.get_rendition(spec)
        with default_storage.open(rendition.file.name) as file:
            assert _left(file.read()) == [], spec
    with default_storage.open(picture.file.name) as file:
        assert _left(file.read()) == []
    assert (picture.width, picture.height) == (320, 200)


def test_wagtail_alone_would_have_served_the_position(db: None) -> None:
    """The trap is real: without our step the rendition of a dirty original keeps its position."""
    picture = _dirty_original()
    filtered = AbstractImage.generate_rendition_file(picture, _filter("width-100"))
    filtered.seek(0)
    assert SECRET in filtered.read()


def test_a_rendition_is_clean_even_of_an_original_that_came_by_another_door(db: None) -> None:
    rendition = _dirty_original().get_rendition("width-100")
    with default_storage.open(rendition.file.name) as file:
        assert _left(file.read()) == []


def _filter(spec: str) -> Any:
    from wagtail.images.models import Filter

    return Filter(spec=spec)


def _dirty_original() -> Picture:
    picture = Picture.objects.create(title="t", file=upload(photo()))
    with open(picture.file.path, "wb") as file:
        file.write(photo())
    return Picture.objects.get(pk=picture.pk)


def test_a_broken_upload_is_told_in_words(db: None) -> None:
    with pytest.raises(ValidationError, match="请换 JPEG"):
        Picture.objects.create(title="t", width=1, height=1, file=upload(photo()[:700]))


def test_saving_again_leaves_the_file_alone(db: None) -> None:
    picture = Picture.objects.create(title="t", file=upload(photo()))
    before = picture.file.name
    picture.title = "u"
    picture.save()
    assert picture.file.name == before


def test_replacing_the_file_rebuilds_it(db: None) -> None:
    picture = Picture.objects.create(title="t", file=upload(photo()))
    picture.file = ContentFile(photo(), name="other.jpg")
    picture.save()
    with default_storage.open(picture.file.name) as file:
        assert _left(file.read()) == []


def test_the_library_uses_our_pictures() -> None:
    assert get_image_model() is Picture
