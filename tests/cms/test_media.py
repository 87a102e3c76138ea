"""Editors' files are served so that nothing can run, and nothing else can be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model

from cms.models import Picture
from foundation.accounts.models import Role
from tests.cms.conftest import photo, upload

StaffClient = Callable[[Any], Client]


@pytest.fixture
def picture(db: None) -> Picture:
    return Picture.objects.create(title="t", file=upload(photo()))


def test_a_rendition_is_public_and_cannot_run(client: Client, picture: Picture) -> None:
    answer = client.get(picture.get_rendition("width-100").url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "attachment" not in answer.get("Content-Disposition", "")
    assert "max-age" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"


def test_an_original_is_for_editors_only(
    client: Client, picture: Picture, staff_client: StaffClient
) -> None:
    assert client.get(picture.file.url).status_code == 404
    assert staff_client(Role.GRID_WORKER).get(picture.file.url).status_code == 404
    editor = staff_client(Role.EDITOR)
    editor.get("/cms/")  # where the rights of the post arrive
    answer = editor.get(picture.file.url)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_what_is_no_picture_is_a_download(client: Client, settings: Any) -> None:
    folder = Path(settings.MEDIA_ROOT) / "images"
    folder.mkdir(parents=True)
    for name in ("a.html", "a.svg", "a.js"):
        (folder / name).write_text("<script>alert(1)</script>")
        answer = client.get(f"/media/images/{name}")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path",
    [
        "documents/secret.pdf",
        "../keys/vault.key",
        "images/../../keys/vault.key",
        "images",
        "images/",
        "images/nothing.jpg",
        "%2e%2e/keys/vault.key",
        "images/%00.jpg",
        "sealed/x",
        "",
    ],
)
def test_nothing_else_exists(client: Client, settings: Any, path: str) -> None:
    folder = Path(settings.MEDIA_ROOT) / "documents"
    folder.mkdir(parents=True)
    (folder / "secret.pdf").write_text("x")
    assert client.get(f"/media/{path}").status_code in {400, 404}


def test_documents_go_through_their_own_address(client: Client, db: None) -> None:
    document = get_document_model().objects.create(
        title="t", file=ContentFile(b"<script>alert(1)</script>", name="a.txt")
    )
    answer = client.get(document.url)
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", ["/cms/login/", "/_util/login/"])
def test_wagtails_own_sign_in_leads_to_ours(client: Client, db: None, path: str) -> None:
    answer = client.post(path, {"username": "editor", "password": "x"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")


def test_a_sign_in_never_leads_elsewhere(client: Client, db: None) -> None:
    answer = client.get("/cms/login/?next=https://evil.example/")
    assert "evil" not in answer["Location"]


@pytest.mark.parametrize(
    "path",
    [
        "/cms/password_reset/",
        "/cms/password_reset/confirm/x/y/",
        "/_util/authenticate_with_password/1/1/",
        "/documents/authenticate_with_password/1/",
    ],
)
def test_closed_doors_stay_closed(client: Client, db: None, path: str) -> None:
    # The second-factor middleware may answer first; what counts is that no form is there.
    assert client.get(path).status_code in {302, 404}
    assert client.post(path).status_code in {302, 404}
