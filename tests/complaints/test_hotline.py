"""12345 files: every row is checked, good rows become cases once, bad ones come back in a list."""

import csv
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django.utils.timezone import localtime

from complaints.hotline import profile
from complaints.models import Act, Case, Clock, ExternalTicket, System, Track
from complaints.performer import Performer
from complaints.selectors.rules import categories
from complaints.services import hotline_file, hotline_store
from complaints.services.hotline_file import Progress, guarded, import_hotline
from complaints.services.hotline_rows import moment_of, without_persons
from complaints.sheets import SheetRefused
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.ledger.selectors import verify
from foundation.vault.models import PersonalRecord
from foundation.vault.services import read_for_delivery
from tests.complaints.tables import HEADER, as_csv, as_workbook, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack", "in_october")]
MANAGE = Path(__file__).parents[2] / "manage.py"
BY = Performer(Actor("staff", "7", "dispatcher"))


@pytest.fixture
def in_october(time_machine: Any) -> None:
    time_machine.move_to("2026-10-13T10:00:00+08:00", tick=False)


def take(data: bytes, **more: Any) -> Progress:
    return import_hotline(data=data, by=BY, **more)


def problems(progress: Progress) -> list[list[str]]:
    text = progress.problems_file.decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_a_row_becomes_a_case_like_a_report() -> None:
    take(as_csv([row("CZ-1")]))
    case = Case.objects.select_related("category", "area", "suggested_department").get()
    received = localtime(case.submitted_at)
    assert (case.track, case.channel, case.state) == ("hotline", "import", "submitted")
    assert case.number.startswith("TN-20261012-")
    assert received.strftime("%Y-%m-%d %H:%M") == "2026-10-12 09:30"
    assert case.category
    assert case.category.code == "air-cooking-fumes"
    assert case.area
    assert case.area.name == "红梅街道"
    assert case.suggested_department is not None
    clock = Clock.objects.get(case=case)
    assert (clock.code, clock.started_at, clock.due_at) == ("accept", received, case.due_at)
    act = Act.objects.get(case=case)
    entry = Entry.objects.get(seq=act.ledger_seq)
    assert (entry.action, entry.data["ticket"]["number"]) == ("case.submit", "CZ-1")
    ticket = ExternalTicket.objects.get()
    assert (ticket.case_id, ticket.system, ticket.number) == (case.pk, "hotline12345", "CZ-1")
    assert ticket.due_at
    assert localtime(ticket.due_at).strftime("%m-%d %H:%M") == "10-20 23:59"
    assert verify().ok


def test_the_caller_is_known_to_the_vault_only() -> None:
    words = "来电人钱多多反映油烟扰民，联系13861234567，也可打13900001111"
    take(as_csv([row("CZ-1", 诉求内容=words)]))
    case = Case.objects.get()
    assert case.complainant_record is not None
    assert read_for_delivery(case.complainant_record, "phone") == "+8613861234567"
    assert read_for_delivery(case.complainant_record, "words") == words
    assert (
        case.description == "来电人〔姓名隐去〕反映油烟扰民，联系〔号码隐去〕，也可打〔号码隐去〕"
    )
    assert tables_holding("13861234567") == tables_holding("钱多多") == []


def tables_holding(words: str) -> list[str]:
    """Every table in which ``words`` stand readable."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")
            if words in str(cursor.fetchall()):
                found.append(table)
    return found


def test_importing_again_changes_nothing() -> None:
    data = as_csv([row(f"CZ-{n}") for n in range(5)])
    take(data)
    before = list(Case.objects.values_list("pk", "number"))
    again = take(data)
    assert (again.stored, again.known, again.bad) == (0, 5, 0)
    assert list(Case.objects.values_list("pk", "number")) == before


def test_a_dry_run_writes_nothing() -> None:
    counted = [Case, Act, Clock, ExternalTicket, Entry, PersonalRecord]
    before = [model.objects.count() for model in counted]
    progress = take(as_csv([row("CZ-1"), row("")]), dry_run=True)
    assert (progress.total, progress.bad, progress.stored) == (2, 1, 0)
    assert [model.objects.count() for model in counted] == before


def test_all_problems_of_a_row_come_back_in_the_list() -> None:
    bad = row("", 受理时间="明天", 诉求内容="", 联系电话="12", 发生地址="路" * 201)
    progress = take(as_csv([row("CZ-1"), bad]))
    assert (progress.stored, progress.bad) == (1, 1)
    head, listed = problems(progress)
    assert head == ["行号", *HEADER, "问题"]
    assert listed[0] == "3"
    assert listed[1:-1] == bad
    for word in ("工单编号", "受理时间", "诉求内容为空", "手机号", "地址"):
        assert word in listed[-1], word


def test_a_file_of_problems_can_be_mended_and_imported() -> None:
    progress = take(as_csv([row("CZ-1", 联系电话="+8612"), row("CZ-2", 诉求内容="")]))
    mended = progress.problems_file.decode("utf-8-sig").replace("+8612", "+8613812345678")
    again = take(mended.encode("utf-8-sig"))
    assert (again.stored, again.bad) == (1, 1)


def test_a_ticket_that_stands_twice_counts_once() -> None:
    progress = take(as_csv([row("CZ-1"), row("CZ-2"), row("CZ-1", 诉求内容="另一件")]))
    assert (progress.stored, progress.bad) == (2, 1)
    assert problems(progress)[1][-1] == "与第 2 行的工单编号相同"


def test_a_bad_row_does_not_take_its_number_away_from_a_good_one() -> None:
    progress = take(as_csv([row("CZ-1", 诉求内容=""), row("CZ-1")]))
    assert (progress.stored, progress.bad) == (1, 1)


def test_missing_columns_are_named_in_one_sentence() -> None:
    data = "单号码,描述\n1,油烟\n".encode()
    with pytest.raises(SheetRefused) as refused:
        take(data)
    words = str(refused.value.sentence)
    assert "工单编号" in words
    assert "诉求内容" in words
    assert "单号码、描述" in words
    assert not Case.objects.exists()


def test_titles_merged_cells_and_formulas_of_a_workbook_are_understood() -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "常州市12345工单导出"
        sheet.merge_cells("A1:J1")
        sheet.append(HEADER)
        sheet.append(row("CZ-1"))
        sheet.append(row("CZ-2", 街道=""))
        sheet.append(row("CZ-3", 诉求内容="=1+1"))
        sheet.merge_cells("G3:G4")

    progress = take(as_workbook(fill))
    assert (progress.stored, progress.bad) == (2, 1)
    towns = {case.area.name for case in Case.objects.select_related("area") if case.area}
    assert towns == {"红梅街道"}
    assert problems(progress)[1][0] == "5"
    assert "诉求内容为空" in problems(progress)[1][-1]


def test_dates_of_a_workbook_may_be_dates_or_numbers() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(HEADER)
        for number, moment in (("CZ-1", timezone.now().replace(tzinfo=None)), ("CZ-2", 46307.5)):
            cells: list[Any] = row(number)
            cells[1] = moment
            sheet.append(cells)

    assert take(as_workbook(fill)).stored == 2
    assert localtime(Case.objects.latest("pk").submitted_at).isoformat()[:16] == "2026-10-12T12:00"


def test_a_ticket_number_that_a_spreadsheet_cut_is_refused() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(HEADER)
        cells: list[Any] = row("")
        cells[0] = 32040220261012000123
        sheet.append(cells)

    progress = take(as_workbook(fill))
    assert progress.bad == 1
    assert "3.204022E+19" in problems(progress)[1][-1]


def test_hidden_sheets_are_passed_over() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["说明", "本表不含数据"])
        hidden = sheet.parent.create_sheet("旧")
        hidden.sheet_state = "hidden"
        hidden.append(HEADER)
        hidden.append(row("CZ-9"))
        shown = sheet.parent.create_sheet("工单")
        shown.append(HEADER)
        shown.append(row("CZ-1"))

    take(as_workbook(fill))
    assert list(ExternalTicket.objects.values_list("number", flat=True)) == ["CZ-1"]


@pytest.mark.parametrize("data", [b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0junk", b"", b"\x00\x01\x02"])
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(SheetRefused):
        take(data)


def test_an_unclosed_quotation_mark_is_named_by_its_row() -> None:
    data = as_csv([row("CZ-1")]) + b'CZ-2,"2026-10-12\n' + b"CZ-3,x\n" * 300
    with pytest.raises(SheetRefused, match="第 3 行"):
        take(data)


def test_positions_are_converted_and_zeros_are_none() -> None:
    head = [*HEADER, "经度", "纬度"]
    rows = [[*row("CZ-1"), "119.9800", "31.7800"], [*row("CZ-2"), "0", "0"],
            [*row("CZ-3"), "31.78", "119.98"]]  # fmt: skip
    text = StringIO()
    csv.writer(text).writerows([head, *rows])
    progress = take(text.getvalue().encode())
    assert (progress.stored, progress.bad) == (2, 1)
    case = Case.objects.get(tickets__number="CZ-1")
    assert case.lon
    assert 0.003 < 119.98 - case.lon < 0.006
    assert case.raw_location["datum"] == "GCJ-02"
    assert Case.objects.get(tickets__number="CZ-2").lon is None


def test_kinds_of_requests_choose_the_track() -> None:
    take(as_csv([row("CZ-1", 诉求类型="咨询"), row("CZ-2", 诉求类型="求助")]))
    tracks = dict(ExternalTicket.objects.values_list("number", "case__track"))
    assert tracks == {"CZ-1": Track.ENQUIRY, "CZ-2": Track.HOTLINE}


@pytest.mark.parametrize(
    ("words", "code"),
    [("生态环境/大气污染/油烟扰民", "air-cooking-fumes"), ("异味", "air-odour"), ("物业纠纷", "")],
)
def test_their_categories_are_ours_where_one_fits(words: str, code: str) -> None:
    take(as_csv([row("CZ-1", 问题分类=words)]))
    category = Case.objects.select_related("category").get().category
    assert (category.code if category else "") == code


def test_a_crash_between_batches_leaves_whole_rows_and_the_next_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hotline_file, "BATCH", 10)
    data = as_csv([row(f"CZ-{n}") for n in range(35)])

    class Killed(Exception):
        """What a kill looks like from inside."""

    def dying(progress: Progress) -> bool:
        if progress.stored == 20:
            raise Killed
        return True

    with pytest.raises(Killed):
        take(data, tell=dying)
    assert Case.objects.count() == ExternalTicket.objects.count() == Clock.objects.count() == 20
    again = take(data)
    assert (again.stored, again.known) == (15, 20)
    assert Case.objects.count() == Act.objects.filter(action="submit").count() == 35
    assert verify().ok


def test_a_batch_that_fails_leaves_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> list[int]:
        raise OSError("the disk is full")

    monkeypatch.setattr(hotline_store, "append_bulk", broken)
    with pytest.raises(OSError, match="disk"):
        take(as_csv([row("CZ-1")]))
    assert not Case.objects.exists()
    assert not PersonalRecord.objects.exists()


def test_it_stops_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotline_file, "BATCH", 10)
    data = as_csv([row(f"CZ-{n}") for n in range(30)])
    progress = take(data, tell=lambda so_far: so_far.stored < 10)
    assert progress.is_stopped
    assert Case.objects.count() == 10


def test_the_column_of_secrecy_and_the_contact_say_how_a_caller_wants_to_be_known() -> None:
    head = [*HEADER, "是否保密"]
    rows = [
        [*row("CZ-1"), "是"],
        [*row("CZ-2"), "否"],
        [*row("CZ-3", 来电人="市民", 联系电话="138****0000"), ""],
    ]
    text = StringIO()
    csv.writer(text).writerows([head, *rows])
    take(text.getvalue().encode())
    known = dict(ExternalTicket.objects.values_list("number", "case__identity"))
    assert known == {"CZ-1": "confidential", "CZ-2": "real_name", "CZ-3": "anonymous"}


def test_numbers_of_a_day_go_on_behind_those_of_reports(submit: Any) -> None:
    submit()
    take(as_csv([row(f"CZ-{n}", 受理时间="2026-10-13 08:00") for n in range(3)]))
    serials = sorted(case.number[12:16] for case in Case.objects.all())
    assert serials == ["0001", "0002", "0003", "0004"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-12 09:30:15", "2026-10-12T09:30:15+08:00"),
        ("2026/10/2 8:05", "2026-10-02T08:05:00+08:00"),
        ("2026年10月2日 8时5分", "2026-10-02T08:05:00+08:00"),
        ("２０２６－１０－０２", "2026-10-02T00:00:00+08:00"),
        ("20261012093015", "2026-10-12T09:30:15+08:00"),
        ("46307.395833", "2026-10-12T09:30:00+08:00"),
        ("2026-13-12", None),
        ("1899-01-01", None),
        ("昨天", None),
    ],
)
def test_times_are_read_as_exports_write_them(text: str, said: str | None) -> None:
    found = moment_of(text)
    assert (localtime(found).isoformat() if found else None) == said


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "＝", "＋"])
def test_no_cell_of_the_list_is_a_formula(sign: str) -> None:
    assert guarded(f"{sign}1+1").startswith("'")


def test_other_peoples_numbers_leave_the_text_too() -> None:
    assert without_persons("电话13800000000。", {}) == ("电话〔号码隐去〕。", True)
    assert without_persons("3号楼2单元", {"name": "李"}) == ("3号楼2单元", False)


def test_the_command_says_how_many_and_writes_the_list(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(as_csv([row("CZ-1"), row("CZ-2", 诉求内容="")], encoding="gb18030"))
    call_command("import_hotline", str(path), verbosity=0)
    said = capsys.readouterr().out
    assert "1 of 2 rows imported" in said
    assert "1 with problems" in said
    listed = tmp_path / "export-problems.csv"
    assert listed.stat().st_mode & 0o777 == 0o600
    assert "诉求内容为空" in listed.read_text("utf-8-sig")


def test_the_command_refuses_a_wrong_file_in_words(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("甲,乙\n1,2\n")
    with pytest.raises(CommandError, match="甲、乙"):
        call_command("import_hotline", str(path), verbosity=0)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_hotline", str(tmp_path / "none.csv"), verbosity=0)


@pytest.mark.postgres
def test_two_thousand_rows_come_in_through_copy() -> None:
    data = as_csv([row(f"CZ-{n}", 来电人=f"第{n}人") for n in range(2000)], encoding="gb18030")
    begun = timezone.now()
    progress = take(data)
    assert progress.stored == 2000 == PersonalRecord.objects.count()
    assert Entry.objects.filter(action="case.submit").count() == 2000
    assert timezone.now() - begun < timedelta(minutes=1)
    assert verify().ok


def test_the_packs_words_lead_to_categories_that_exist() -> None:
    known = {category.code for category in categories()}
    assert set(profile().categories.values()) <= known
    assert profile().system in System.values


def test_a_district_without_a_hotline_has_no_import(
    settings: Any, tmp_path: Path, staff_client: Any
) -> None:
    desk = staff_client("dispatcher")
    assert "12345 导入" in desk.get("/desk/").content.decode()
    settings.DISTRICT_PACK = tmp_path
    assert desk.get("/desk/import/").status_code == 404
    assert "12345 导入" not in desk.get("/desk/").content.decode()
    (tmp_path / "x.csv").write_bytes(as_csv([row("CZ-1")]))
    with pytest.raises(CommandError, match="hotline"):
        call_command("import_hotline", str(tmp_path / "x.csv"), verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_leaves_whole_batches_and_is_finished_by_the_next(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(as_csv([row(f"CZ-{n}") for n in range(2600)], encoding="gb18030"))
    command = [sys.executable, str(MANAGE), "import_hotline", str(path), "-v", "0"]
    with subprocess.Popen(command, env=child_environment, stderr=subprocess.DEVNULL) as child:
        while not Case.objects.exists():
            assert child.poll() is None
            time.sleep(0.02)
        child.kill()
    count = Case.objects.count()
    assert 0 < count < 2600
    assert count % hotline_store.BATCH == 0
    whole = [ExternalTicket, Clock, PersonalRecord]
    assert [model.objects.count() for model in whole] == [count] * 3
    again = take(path.read_bytes())
    assert (again.stored, again.known) == (2600 - count, count)
    assert verify().ok


def test_the_demo_file_shows_both_good_rows_and_problems(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T10:00:00+08:00")
    data = (Path(settings.DISTRICT_PACK) / "demo" / "hotline.csv").read_bytes()
    progress = take(data, dry_run=True)
    assert (progress.total, progress.bad) == (7, 2)
