"""Two messages of our own, ways to queue them, and what left by SMS."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction

from foundation.notices import registry
from foundation.notices.models import Notice
from foundation.notices.services import Order, queue_many

PHONE = "+8613800138000"


@pytest.fixture(autouse=True)
def messages(tmp_path, settings, monkeypatch):
    """Two messages of our own, in a registry of our own."""
    monkeypatch.setattr(registry, "_templates", dict(registry._templates))
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "told.txt").write_text("您反映的{{ what }}已受理。{{ public_url }}/track/")
    templates = [{**settings.TEMPLATES[0], "DIRS": [folder]}]
    settings.TEMPLATES = templates
    registry.template("test.told", subject="您的问题有进展", body_template="told.txt")
    registry.template(
        "test.urgent",
        subject="验证码",
        body_template="told.txt",
        channels=("sms",),
        valid_for=timedelta(minutes=5),
    )


def outbox() -> list[str]:
    return [file.read_text() for file in Path(settings.OUTBOX_ROOT, "sms").glob("*.txt")]


def order(**changes) -> Order:
    fields = {"code": "test.told", "key": f"k:{uuid4()}", "stream": "case:1", "to": {"sms": PHONE}}
    return Order(**{**fields, "context": {"what": "异味"}, **changes})


def queued(**changes) -> Notice:
    one = order(**changes)
    with transaction.atomic():
        queue_many([one])
    return Notice.objects.get(key=one.key)
