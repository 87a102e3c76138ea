"""The import page: upload, progress, stop, the list of problems, and who may not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from complaints.models import Case, ExternalTicket, ImportRun
from complaints.services import hotline_file, imports
from complaints.services.imports import forget_imports, work_off
from foundation.ledger.models import Entry
from tests.cast import sign_in
from tests.complaints.tables import as_csv, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack", "in_october")]
PAGE = "/desk/import/"


@pytest.fixture
def in_october(time_machine: Any) -> None:
    time_machine.move_to("2026-10-13T10:00:00+08:00", tick=False)


@pytest.fixture
def desk(cast: Any) -> Client:
    return sign_in(cast.dispatcher)


def upload(desk: Client, data: bytes, name: str = "十月工单.csv") -> ImportRun:
    answer = desk.post(PAGE, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return ImportRun.objects.get(pk=answer["Location"].rstrip("/").rsplit("/", 1)[1])


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in (folder / "sealed" / "imports").glob("*"))


def test_a_file_is_taken_in_by_the_worker(desk: Client, run_jobs: Any, own_folders: Path) -> None:
    data = as_csv([row("CZ-1"), row("CZ-2", 诉求内容="")])
    run = upload(desk, data)
    page = desk.get(f"{PAGE}{run.pk}/").content.decode()
    assert "十月工单.csv" in page
    assert "可以离开本页" in page
    assert "refresh" in page
    sealed = (own_folders / "sealed" / "imports" / f"{run.uid.hex}.upload").read_bytes()
    assert "钱多多".encode() not in sealed
    run_jobs()
    page = desk.get(f"{PAGE}{run.pk}/").content.decode()
    assert "共 2 行，已生成案件 1 件；以前已导入 0 行；有问题 1 行。" in page
    assert "refresh" not in page
    assert files(own_folders) == [".problems"]
    assert Case.objects.get().tickets.get().run_id == run.pk
    assert "十月工单.csv" in desk.get(PAGE).content.decode()


def test_the_list_of_problems_is_for_dispatchers_and_a_week(
    desk: Client, cast: Any, run_jobs: Any, own_folders: Path, time_machine: Any
) -> None:
    run = upload(desk, as_csv([row("CZ-2", 诉求内容="")]))
    run_jobs()
    address = f"{PAGE}{run.pk}/problems.csv"
    answer = desk.get(address)
    assert answer.content.startswith("\ufeff行号".encode())
    assert "诉求内容为空" in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.filter(stream=f"import:{run.pk}", action="import.problems_taken").exists()
    for name in ("bureau", "street", "supervisor", "leader", "auditor", "followup"):
        assert sign_in(getattr(cast, name)).get(address).status_code == 403, name
    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert forget_imports() == 1
    assert files(own_folders) == []
    assert sign_in(cast.dispatcher).get(address).status_code == 404


def test_a_wrong_file_is_refused_in_one_sentence(
    desk: Client, run_jobs: Any, own_folders: Path
) -> None:
    run = upload(desk, "单号码,描述\n1,油烟\n".encode())
    run_jobs()
    page = desk.get(f"{PAGE}{run.pk}/").content.decode()
    assert "文件未导入，没有写入任何数据。" in page
    assert "单号码、描述" in page
    assert files(own_folders) == []


def test_no_file_gives_the_form_back_with_the_sentence(desk: Client) -> None:
    answer = desk.post(PAGE)
    assert answer.status_code == 400
    assert "请先选择文件。" in answer.content.decode()


def test_an_import_can_be_stopped_and_goes_on_with_the_same_file(
    desk: Client, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotline_file, "BATCH", 5)
    data = as_csv([row(f"CZ-{n}") for n in range(12)])
    run = upload(desk, data)
    noted = imports._noted

    def stopping(run: ImportRun, progress: Any) -> bool:
        if progress.stored == 5:
            assert desk.post(f"{PAGE}{run.pk}/stop/").status_code == 302
        return noted(run, progress)

    monkeypatch.setattr(imports, "_noted", stopping)
    run_jobs()
    page = desk.get(f"{PAGE}{run.pk}/").content.decode()
    assert "已停止" in page
    assert "已生成案件 5 件" in page
    monkeypatch.setattr(imports, "_noted", noted)
    again = upload(desk, data)
    run_jobs()
    again.refresh_from_db()
    assert (again.stored, again.known, ExternalTicket.objects.count()) == (7, 5, 12)
    assert desk.post(f"{PAGE}{run.pk}/stop/").status_code == 302


def test_a_worker_that_died_is_followed_by_one_that_goes_on(
    desk: Client, monkeypatch: pytest.MonkeyPatch, own_folders: Path
) -> None:
    monkeypatch.setattr(hotline_file, "BATCH", 5)
    run = upload(desk, as_csv([row(f"CZ-{n}") for n in range(12)]))
    noted = imports._noted

    class Killed(Exception):
        """What a kill looks like from inside."""

    def dying(run: ImportRun, progress: Any) -> bool:
        if progress.stored == 5:
            raise Killed
        return noted(run, progress)

    monkeypatch.setattr(imports, "_noted", dying)
    with pytest.raises(Killed):
        work_off(uid=run.uid)
    monkeypatch.setattr(imports, "_noted", noted)
    work_off(uid=run.uid)
    work_off(uid=run.uid)
    run.refresh_from_db()
    assert (run.state, run.stored, run.known, run.bad) == ("done", 12, 0, 0)
    assert Case.objects.count() == 12
    assert files(own_folders) == []


def test_a_file_that_vanished_is_told(desk: Client, run_jobs: Any, own_folders: Path) -> None:
    run = upload(desk, as_csv([row("CZ-1")]))
    next((own_folders / "sealed" / "imports").iterdir()).unlink()
    run_jobs()
    assert "文件已不在" in desk.get(f"{PAGE}{run.pk}/").content.decode()


def test_only_dispatchers_import(cast: Any, client: Client) -> None:
    for name in ("bureau", "street", "grid", "supervisor", "leader", "resident"):
        visitor = sign_in(getattr(cast, name))
        assert visitor.get(PAGE).status_code == 403, name
        assert visitor.post(PAGE).status_code == 403, name
    assert client.get(PAGE).status_code == 302
