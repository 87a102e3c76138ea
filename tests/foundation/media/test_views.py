"""Serving: clean copies only, to whom the owning app allows, with headers that disarm."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from foundation.ledger.actor import Actor
from foundation.media import registry, services
from foundation.media.models import Photo, PhotoState
from tests.foundation.media.specimens import encoded, picture

pytestmark = pytest.mark.django_db

PREFIX = "specimen"
OWNER = "owner-secret"


@pytest.fixture(autouse=True)
def rule(monkeypatch: Any) -> None:
    """Let only those see photos of ``specimen:…`` who bring the owner's cookie."""
    monkeypatch.setattr(registry, "_viewers", {})

    @registry.viewer(PREFIX)
    def may_see(request: HttpRequest, photo: Photo) -> bool:
        return request.COOKIES.get("who") == OWNER and photo.uploaded_by == "resident:p-1"


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.cookies["who"] = OWNER
    return client


@pytest.fixture
def make_photo(run_jobs: Callable[[], Any]) -> Callable[..., Photo]:
    def make(prefix: str = PREFIX) -> Photo:
        upload = SimpleUploadedFile("p.jpg", encoded(picture(), "JPEG"), "image/jpeg")
        staged = services.stage(upload)
        with transaction.atomic():
            [photo] = services.attach(
                [staged], stream=f"{prefix}:1", purpose="report", actor=Actor("resident", "p-1")
            )
        run_jobs()
        photo.refresh_from_db()
        return photo

    return make


def test_the_owner_sees_both_sizes(owner: Client, make_photo: Callable[..., Photo]) -> None:
    photo = make_photo()
    assert photo.full_url == f"/photos/{photo.pk}/full.jpg"
    for url, longest in ((photo.full_url, 640), (photo.thumb_url, 400)):
        answer = owner.get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        with Image.open(io.BytesIO(answer.content)) as image:
            assert max(image.size) == longest


def test_the_answer_disarms_the_browser(owner: Client, make_photo: Callable[..., Photo]) -> None:
    answer = owner.get(make_photo().full_url)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Content-Disposition"] == 'inline; filename="full.jpg"'


def test_a_known_picture_is_not_sent_again(owner: Client, make_photo: Callable[..., Photo]) -> None:
    url = make_photo().full_url
    etag = owner.get(url)["ETag"]
    answer = owner.get(url, headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["Cache-Control"] == "private, no-cache"


def test_a_right_taken_away_ends_at_once(owner: Client, make_photo: Callable[..., Photo]) -> None:
    url = make_photo().full_url
    etag = owner.get(url)["ETag"]
    assert Client().get(url, headers={"if-none-match": etag}).status_code == 404


def test_a_stranger_gets_404(make_photo: Callable[..., Photo]) -> None:
    assert Client().get(make_photo().full_url).status_code == 404


def test_a_stream_without_a_rule_is_visible_to_nobody(
    owner: Client, make_photo: Callable[..., Photo]
) -> None:
    assert owner.get(make_photo("unregistered").full_url).status_code == 404


@pytest.mark.parametrize("state", [state for state in PhotoState if state != PhotoState.CLEAN])
def test_only_clean_photos_are_served(
    state: PhotoState, owner: Client, make_photo: Callable[..., Photo]
) -> None:
    photo = make_photo()
    Photo.objects.filter(pk=photo.pk).update(state=state)
    assert owner.get(photo.full_url).status_code == 404


def test_wrong_addresses_are_404(owner: Client, make_photo: Callable[..., Photo]) -> None:
    photo = make_photo()
    for path in (
        f"/photos/{uuid4()}/full.jpg",
        f"/photos/{photo.pk}/huge.jpg",
        f"/photos/{photo.pk}/original.jpg",
        f"/photos/{photo.pk}/full.png",
        "/photos/1/full.jpg",
        f"/photos/{photo.pk}/..%2f..%2fsealed.jpg",
    ):
        assert owner.get(path).status_code == 404, path


def test_a_photo_cannot_be_posted_to(owner: Client, make_photo: Callable[..., Photo]) -> None:
    assert owner.post(make_photo().full_url).status_code == 405


def test_serving_takes_one_query_beside_the_rule(
    owner: Client, make_photo: Callable[..., Photo]
) -> None:
    url = make_photo().thumb_url
    with CaptureQueriesContext(connection) as queries:
        owner.get(url)
    assert len(queries) == 1


def test_a_prefix_has_one_rule_only() -> None:
    with pytest.raises(ValueError, match="registered already"):
        registry.viewer(PREFIX)(lambda request, photo: True)
