"""E-mail in: a report with its receipt, supplements, loops, and mail that is broken on purpose."""

import io
import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.mailparse import MailRefused, own_words, read_mail, text_of_html
from complaints.models import Act, Case, IncomingMail
from complaints.services.mail_in import forget_mail, receive_mail
from foundation.vault.services import read_for_delivery
from tests.complaints.conftest import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack")]
SENDER = "zhou.xiaoyan@example.com"


def letter(text: str = "厂里半夜有刺鼻气味，请查一查。", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given_headers = {
        "From": f"周小燕 <{SENDER}>",
        "To": "gongzhi@example.invalid",
        "Subject": "夜里有异味",
        "Message-ID": "<one@example.com>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in given_headers.items():
        made[name] = value
    made.set_content(text)
    return made


def test_a_letter_becomes_a_report_and_is_answered_with_the_receipt(run_jobs: Any) -> None:
    receive_mail(raw=letter().as_bytes())
    case = Case.objects.get()
    assert (case.channel, case.track, case.state) == ("email", "report", "submitted")
    assert case.description == "夜里有异味\n厂里半夜有刺鼻气味，请查一查。"
    assert case.complainant_record
    assert read_for_delivery(case.complainant_record, "email") == SENDER
    run_jobs()
    [answer] = outbox.outbox
    assert answer.to == [SENDER]
    assert case.number in answer.body
    assert re.search(r"查询码 \d{4} \d{4} \d{4} \d{4}", answer.body)


def test_the_same_letter_twice_is_one_report(run_jobs: Any) -> None:
    raw = letter().as_bytes()
    assert receive_mail(raw=raw).is_new
    assert not receive_mail(raw=raw).is_new
    run_jobs()
    assert Case.objects.count() == 1 == len(outbox.outbox)


def test_photos_come_along_without_their_names() -> None:
    made = letter()
    made.add_attachment(jpeg().read(), maintype="image", subtype="jpeg", filename="周小燕家.jpg")
    made.add_attachment(b"MZ junk", maintype="image", subtype="png", filename="virus.png")
    receive_mail(raw=made.as_bytes())
    assert Case.objects.get().photo_count == 1


def test_an_answer_by_the_same_sender_is_a_supplement() -> None:
    receive_mail(raw=letter().as_bytes())
    case = Case.objects.get()
    answer = letter(
        "今晚又有了，电话13800001111\n\n------------------ 原始邮件 ------------------\n>已收到",
        Subject=f"回复：[{case.number}]",
        Message_ID="<two@example.com>",
    )
    received = receive_mail(raw=answer.as_bytes())
    assert received.record.state == "supplemented"
    assert Case.objects.count() == 1
    assert Act.objects.get(action="supplement").public_text == "今晚又有了，电话〔号码隐去〕"


def test_an_answer_to_our_own_mail_finds_its_case_by_what_it_quotes() -> None:
    receive_mail(raw=letter().as_bytes())
    case = Case.objects.get()
    answer = letter(
        f"还有照片。\n> 编号 {case.number}",
        Subject="Re: 已收到您的诉求",
        Message_ID="<two@example.com>",
        In_Reply_To="<fingerprint@example.invalid>",
    )
    assert receive_mail(raw=answer.as_bytes()).record.case_id == case.pk
    assert Case.objects.count() == 1


def test_somebody_else_who_names_a_number_makes_a_report_of_their_own() -> None:
    receive_mail(raw=letter().as_bytes())
    number = Case.objects.get().number
    other = letter(
        "我也闻到了",
        From="other@example.com",
        Subject=f"[{number}]",
        Message_ID="<x@example.com>",
    )
    received = receive_mail(raw=other.as_bytes())
    assert received.record.state == "reported"
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<news.example.com>"}, "list"),
        ({"From": "MAILER-DAEMON@example.com"}, "bounce"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "gongzhi@example.invalid"}, "own"),
    ],
)
def test_machines_are_ignored_and_get_no_answer(
    headers: dict[str, str], reason: str, run_jobs: Any, own_folders: Path
) -> None:
    record = receive_mail(raw=letter(**headers).as_bytes()).record
    run_jobs()
    assert (record.state, record.reason) == ("ignored", reason)
    assert not Case.objects.exists()
    assert not outbox.outbox
    assert not (own_folders / "sealed" / "mail").exists()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no_sender"),
        (b"From: nobody\n\nwords", "no_sender"),
        (b"From: a@example.com\nMessage-ID: <e@x>\n\n", "invalid_input"),
        (b"From: a@example.com\n\n" + b"x" * 30_000_001, "too_large"),
    ],
)
def test_what_is_no_report_is_set_aside_with_a_reason(
    raw: bytes, reason: str, own_folders: Path
) -> None:
    record = receive_mail(raw=raw).record
    assert (record.state, record.reason) == ("aside", reason)
    [kept] = (own_folders / "sealed" / "mail").iterdir()
    assert b"example.com" not in kept.read_bytes()


def test_mail_set_aside_can_be_read_at_the_console_for_a_month(
    capsys: Any, time_machine: Any, own_folders: Path
) -> None:
    record = receive_mail(raw=b"From: nobody\n\nplease help").record
    call_command("receive_mail", "--aside")
    assert f"{record.uid}" in capsys.readouterr().out
    call_command("receive_mail", "--show", str(record.uid))
    assert "please help" in capsys.readouterr().out
    time_machine.move_to(timezone.now() + timedelta(days=31))
    assert forget_mail() == 1
    assert not list((own_folders / "sealed" / "mail").iterdir())
    with pytest.raises(CommandError):
        call_command("receive_mail", "--show", str(record.uid))


def test_nothing_of_the_sender_stands_outside_the_vault(run_jobs: Any) -> None:
    receive_mail(raw=letter("我是周小燕，电话13861239999，请查异味").as_bytes())
    run_jobs()
    assert "周小燕" not in Case.objects.get().description
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            text = str(cursor.fetchall())
            for secret in (SENDER, "周小燕", "13861239999", "one@example.com"):
                assert secret not in text, (model, secret)


def test_html_is_read_as_text_and_scripts_are_not() -> None:
    made = letter()
    made.clear_content()
    made.set_content(
        "<html><head><style>p{}</style></head><body><p>河水<b>发黑</b></p><script>alert(1)"
        "</script><blockquote>旧邮件</blockquote><div>请处理 &lt;谢谢&gt;</div></body></html>",
        subtype="html",
    )
    receive_mail(raw=made.as_bytes())
    assert Case.objects.get().description == "夜里有异味\n河水发黑\n\n请处理 <谢谢>"


def test_chinese_charsets_are_read_whatever_the_header_calls_them() -> None:
    raw = (
        b"From: =?gb2312?B?1tzQodHg?= <a@example.com>\nSubject: "
        + "河水发黑".encode("gb18030")
        + b"\nContent-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n"
        + "排污口有油污，㙟路口".encode("gb18030")
    )
    receive_mail(raw=raw)
    assert Case.objects.get().description == "河水发黑\n排污口有油污，㙟路口"


def test_a_very_long_letter_is_cut_and_kept_whole_in_the_vault() -> None:
    receive_mail(raw=letter("臭" * 9000).as_bytes())
    case = Case.objects.get()
    assert len(case.description) == 4000
    assert case.complainant_record
    assert read_for_delivery(case.complainant_record, "words").count("臭") == 9000


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("你好\n\n发件人：某某\n发送时间：昨天\n旧的", "你好"),
        ("On Mon, 2 Mar 2026, x wrote:\n> old", "On Mon, 2 Mar 2026, x wrote:\n> old"),
        ("新的\n> 旧的\n还有", "新的\n还有"),
        ("发件人很多，请管一管", "发件人很多，请管一管"),
        ("您好\n-- \n周小燕", "您好"),
    ],
)
def test_quotations_go_and_own_words_stay(text: str, own: str) -> None:
    assert own_words(text) == own


def sender_or_reason(raw: bytes) -> str:
    try:
        return read_mail(raw, own=frozenset()).sender
    except MailRefused as refused:
        return refused.reason


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "From",
                    "Subject",
                    "Content-Type",
                    "Content-Transfer-Encoding",
                    "Message-ID",
                    "Content-Disposition",
                    "Return-Path",
                ]
            ),
            st.binary(max_size=60)
            | st.sampled_from(
                [
                    b"a@example.com",
                    b"multipart/mixed; boundary=x",
                    b"text/html; charset=nonsense",
                    b"=?utf-8?B?////?=",
                    b"=?bad?Q?x?=",
                    b"base64",
                    b"attachment; filename*=x''%ff",
                ]
            ),
        ),
        max_size=6,
    ),
    body=st.binary(max_size=200) | st.just(b"--x\nContent-Type: text/plain\n\nhi\n--x--"),
)
def test_no_mail_is_so_broken_that_reading_it_raises(
    head: list[tuple[str, bytes]], body: bytes
) -> None:
    lines = [name.encode() + b": " + value for name, value in head]
    raw = b"\n".join([*lines, b"", body])
    assert sender_or_reason(raw)


@given(st.text(max_size=300))
def test_any_html_gives_text(html: str) -> None:
    assert "<script" not in text_of_html(f"<script>{html.replace('</', '')}</script>")


def test_a_message_from_standard_input_and_a_maildir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(letter().as_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    call_command("receive_mail")
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_bytes(letter().as_bytes())
    (tmp_path / "new" / "2").write_bytes(letter(Message_ID="<3@example.com>").as_bytes())
    call_command("receive_mail", "--maildir", str(tmp_path))
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3
    assert said[1].endswith("(known)")
    assert not list((tmp_path / "new").iterdir())
    assert len(list((tmp_path / "cur").iterdir())) == 2
    assert IncomingMail.objects.count() == Case.objects.count() == 2


def test_an_mta_is_told_to_come_back_when_the_disk_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("complaints.services.mail_in.write_whole", full)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"From: nobody\n\n")))
    with pytest.raises(SystemExit) as left:
        call_command("receive_mail")
    assert left.value.code == 75
    assert not IncomingMail.objects.exists()
