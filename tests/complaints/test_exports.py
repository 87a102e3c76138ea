"""Lists as files: own ones only, without a word of a reporter, stopped, fetched, forgotten."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from complaints.models import Export
from complaints.services import exports
from complaints.services.intake import Receipt
from complaints.services.synthetic import make_cases
from foundation.ledger.models import Entry
from tests.complaints.conftest import Line, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[str], Client]
SECRET = "老王家对面那个黄毛"


def asked(client: Client, query: str = "tab=open", file_format: str = "csv") -> Export:
    answer = client.post("/desk/exports/", {"query": query, "format": file_format})
    assert answer.status_code == 302, answer.content.decode()[-500:]
    return Export.objects.latest("asked_at", "pk")


def rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def fetched(client: Client, export: Export) -> bytes:
    answer = client.get(f"/desk/exports/{export.uid}/file")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return bytes(answer.content)


def test_the_list_becomes_a_file_without_words_of_the_reporter(
    submit: Submit, staff_client: Clients, run_jobs: Callable[[], Any], own_folders: Path
) -> None:
    case = submit(description=SECRET, contact={"phone": "13800000009", "name": "钱多多"}).case
    desk = staff_client("dispatcher")
    assert 'value="tab=new"' in desk.get("/desk/").content.decode()
    export = asked(desk, "tab=new")
    page = desk.get(f"/desk/exports/{export.uid}/").content.decode()
    assert "refresh" in page
    run_jobs()
    assert "文件里有 1 件案件" in desk.get(f"/desk/exports/{export.uid}/").content.decode()
    body = fetched(desk, export)
    head, row = rows(body)
    assert head[0] == "编号"
    assert row[0] == case.number
    for private in (SECRET, "13800000009", "钱多多"):
        assert private not in body.decode()
    sealed = next((own_folders / "sealed" / "exports").iterdir()).read_bytes()
    assert case.number.encode() not in sealed
    told = Entry.objects.filter(stream=f"export:{export.uid}").values_list("action", flat=True)
    assert list(told) == ["export.asked", "export.done", "export.taken"]


def test_a_workbook_holds_texts_only(
    submit: Submit, staff_client: Clients, run_jobs: Callable[[], Any], own_folders: Path
) -> None:
    case = submit().case
    desk = staff_client("dispatcher")
    export = asked(desk, "tab=open", "xlsx")
    run_jobs()
    book = CalamineWorkbook.from_filelike(io.BytesIO(fetched(desk, export)))
    found = book.get_sheet_by_index(0).to_python()
    assert found[1][0] == case.number
    assert all(isinstance(cell, str) for row in found for cell in row)


def test_a_file_is_its_askers_alone_and_shows_what_they_may_see(
    cast: Any, submit: Submit, staff_client: Clients, run_jobs: Callable[[], Any], own_folders: Path
) -> None:
    mine = Line(cast, submit().case)
    mine.act("dispatcher", "accept")
    mine.act("dispatcher", "dispatch", owner="department:ecology")
    submit()
    bureau = staff_client("bureau")
    export = asked(bureau)
    run_jobs()
    assert [row[0] for row in rows(fetched(bureau, export))[1:]] == [mine.case.number]
    for path in ("", "file", "stop/"):
        address = f"/desk/exports/{export.uid}/{path}"
        stranger = staff_client("dispatcher")
        answer = stranger.post(address) if path == "stop/" else stranger.get(address)
        assert answer.status_code == 404


def test_formulas_stay_texts(submit: Submit, staff_client: Clients) -> None:
    assert exports.guarded("=1+1") == "'=1+1"
    assert exports.guarded("普通") == "普通"


def test_a_file_can_be_stopped(
    submit: Submit, staff_client: Clients, run_jobs: Callable[[], Any], own_folders: Path
) -> None:
    submit()
    desk = staff_client("dispatcher")
    export = asked(desk)
    assert desk.post(f"/desk/exports/{export.uid}/stop/").status_code == 302
    run_jobs()
    assert Export.objects.get(pk=export.pk).state == "stopped"
    assert desk.get(f"/desk/exports/{export.uid}/file").status_code == 404


def test_three_at_once_and_known_formats(submit: Submit, staff_client: Clients) -> None:
    desk = staff_client("dispatcher")
    for _ in range(3):
        asked(desk)
    refused = desk.post("/desk/exports/", {"query": "", "format": "csv"})
    assert refused.status_code == 422
    wrong = desk.post("/desk/exports/", {"query": "", "format": "exe"})
    assert wrong.status_code in {400, 422}


def test_files_are_deleted_after_a_week(
    submit: Submit,
    staff_client: Clients,
    run_jobs: Callable[[], Any],
    own_folders: Path,
    clock: Any,
) -> None:
    submit()
    desk = staff_client("dispatcher")
    export = asked(desk)
    run_jobs()
    clock.tick(days=8)
    assert exports.forget_exports() == 1
    assert list((own_folders / "sealed" / "exports").iterdir()) == []
    assert Export.objects.get(pk=export.pk).state == "gone"


def test_many_rows_cost_two_queries_a_chunk(
    district_pack: str, cast: Any, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 50)
    make_cases(count=200, seed=3, years=0.5)
    by = staff(cast.dispatcher)
    made = exports.ask_export(by=by, query="tab=ended", file_format="csv")
    with CaptureQueriesContext(connection) as queries:
        exports.make_export(uid=made.uid)
    made.refresh_from_db()
    assert made.state == "done"
    assert made.total > 100
    assert len(queries) <= 20 + 3 * (made.total // 50 + 2)
    assert timezone.now() - made.asked_at < timedelta(minutes=5)
