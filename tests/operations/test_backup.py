"""Backup while in use, verified restore into an empty place, and every refusal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from foundation.accounts.models import User
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.operations import manifest
from foundation.operations.errors import BadBackup, NotEmpty
from foundation.operations.services import back_up, restore
from foundation.operations.template_database import PostgresServer
from tests.conftest import BASE_DIR
from tests.database import TestDatabase

pytestmark = pytest.mark.django_db(transaction=True)


def quiet(line: str) -> None:
    """Tell nobody."""


@pytest.fixture
def house(district_pack: str) -> Path:
    """A house in use: a person, a ledger entry with its anchor, a sealed and a clean file."""
    User.objects.create(username="kept")
    with transaction.atomic():
        append(stream="case:kept", action="submit", actor=Actor.system("test"))
    call_command("verify_ledger", stdout=StringIO())
    for root in (settings.SEALED_ROOT, settings.CLEAN_ROOT):
        (root / "2026").mkdir(parents=True)
        (root / "2026" / "photo.bin").write_bytes(b"\x00\x01" * 500)
    return Path(district_pack)


@pytest.fixture
def backup(house: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    back_up(folder=folder, tell=quiet)
    return folder


@pytest.fixture
def empty_place(
    test_db: TestDatabase, child_environment: dict[str, str], tmp_path: Path
) -> Iterator[dict[str, str]]:
    """Environment of a new installation: an empty database and an empty folder."""
    var = tmp_path / "new"
    environment = {**child_environment, "GONGZHI_VAR": str(var)}
    environment["LEDGER_ANCHOR_FILE"] = str(var / "ledger" / "anchors.jsonl")
    server = test_db.server
    if not isinstance(server, PostgresServer):
        yield {**environment, "DATABASE_URL": f"sqlite:///{var}/gongzhi.sqlite3"}
        return
    name = f"gongzhi_restore_{os.getpid()}"
    server.copy("template0", name)
    yield {**environment, "DATABASE_URL": server.address(name)}
    server.drop(name)


def manage(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_restore_brings_everything_back_and_proves_it(
    backup: Path, empty_place: dict[str, str]
) -> None:
    done = manage(empty_place, "restore", str(backup))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Restore complete and verified" in done.stdout
    there = Path(empty_place["GONGZHI_VAR"])
    assert (there / "sealed/2026/photo.bin").read_bytes() == b"\x00\x01" * 500
    assert (there / "clean/2026/photo.bin").exists()
    code = "from foundation.accounts.models import User; print(User.objects.get().username)"
    assert "kept" in manage(empty_place, "shell", "-c", code).stdout
    again = manage(empty_place, "restore", str(backup))
    assert again.returncode == 1
    assert "empty" in again.stderr


def test_the_copy_is_for_the_owner_only_and_holds_no_key(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    sealed = backup / "files/sealed/2026/photo.bin"
    assert sealed.stat().st_mode & 0o077 == 0
    for path in manifest.files_below(backup):
        content = path.read_bytes()
        assert settings.VAULT_KEY.encode() not in content
        assert settings.SECRET_KEY.encode() not in content


def test_the_manifest_counts_the_rows(backup: Path) -> None:
    kept = manifest.read(backup)
    assert kept.rows["accounts_user"] == User.objects.count()
    assert "ledger/anchors.jsonl" in kept.files


@pytest.mark.parametrize("name", ["files/sealed/2026/photo.bin", "ledger/anchors.jsonl"])
def test_a_changed_file_is_found(backup: Path, name: str) -> None:
    with (backup / name).open("r+b") as handle:
        handle.write(b"\xff")
    with pytest.raises(BadBackup, match="changed"):
        restore(folder=backup, tell=quiet)


def test_a_changed_database_copy_is_found(backup: Path) -> None:
    path = next(backup.glob("database.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadBackup, match="changed"):
        restore(folder=backup, tell=quiet)


def test_missing_and_added_files_are_found(backup: Path) -> None:
    (backup / "files/clean/2026/photo.bin").rename(backup / "files/clean/2026/other.bin")
    with pytest.raises(BadBackup, match=r"other\.bin is not in the list"):
        restore(folder=backup, tell=quiet)


def test_an_unfinished_backup_is_refused(backup: Path) -> None:
    (backup / manifest.NAME).unlink()
    with pytest.raises(BadBackup, match="not finished"):
        restore(folder=backup, tell=quiet)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 1}', '{"files": {"a": {"b": 1}}}'])
def test_a_nonsense_manifest_is_refused(backup: Path, text: str) -> None:
    (backup / manifest.NAME).write_text(text)
    with pytest.raises(BadBackup, match="cannot be read"):
        restore(folder=backup, tell=quiet)


def test_a_house_in_use_is_never_overwritten(backup: Path) -> None:
    with pytest.raises(NotEmpty):
        restore(folder=backup, tell=quiet)
    assert User.objects.filter(username="kept").exists()


def test_a_used_folder_is_refused_with_a_sentence(backup: Path) -> None:
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(backup))


def test_a_forged_anchor_stops_the_restore(
    house: Path, tmp_path: Path, empty_place: dict[str, str], settings: Any
) -> None:
    """Checksums can be made to fit by whoever can write the backup; signatures cannot."""
    with transaction.atomic():
        append(stream="case:kept", action="accept", actor=Actor.system("test"))
    call_command("verify_ledger", stdout=StringIO())
    anchors = settings.LEDGER_ANCHOR_FILE.read_bytes()
    folder = tmp_path / "forged"
    back_up(folder=folder, tell=quiet)
    (folder / "ledger/anchors.jsonl").write_bytes(anchors.replace(b'"', b"'", 1))
    _write_manifest_anew(folder)
    done = manage(empty_place, "restore", str(folder))
    assert done.returncode == 1
    assert "ledger does not verify" in done.stderr


def _write_manifest_anew(folder: Path) -> None:
    """What somebody would do who can write to the backup: make the checksums fit."""
    path = folder / manifest.NAME
    old = json.loads(path.read_text())
    path.unlink()
    manifest.write(folder, made_at=old["made_at"], engine=old["engine"], rows=old["rows"])
