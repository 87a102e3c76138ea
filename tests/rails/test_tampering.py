"""After a whole main line, whatever a database administrator changes is found by the command."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from complaints.models import Case
from complaints.services.intake import Report, submit_report
from foundation.ledger import guard
from foundation.ledger.models import Entry
from foundation.ledger.selectors import entries_of, head
from tests.complaints.conftest import GUEST, Line

pytestmark = pytest.mark.django_db

ANSWER = "接报后，工作人员到现场核查并要求整改。"


@pytest.fixture
def walked(cast: Any, district_pack: str) -> Case:
    """A case from report to closure, and an anchor of the ledger as it then was."""
    case = submit_report(report=Report(uuid4(), category="air", description="油烟"), by=GUEST).case
    line = Line(cast, case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    line.act("bureau", "complete", outcome_code="solved", message="已整改", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply=ANSWER)
    line.act("complainant", "rate", rating="5")
    line.act("followup", "close", followup_result="satisfied")
    assert _verified()[0] == 0
    return line.case


def _verified() -> tuple[int, dict[str, Any]]:
    """Exit code and answer of ``manage.py verify_ledger --json``."""
    out, code = StringIO(), 0
    try:
        call_command("verify_ledger", "--json", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def _sql(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _change_data(seq: int) -> None:
    type_of = {f.column: f.db_type(connection) for f in Entry._meta.concrete_fields}["data"]
    changed = f"CAST(REPLACE(CAST(data AS text), 'TN-', 'TM-') AS {type_of})"
    _sql(f"UPDATE ledger_entry SET data = {changed} WHERE seq = %s", seq)


def _change_column(column: str, value: str) -> Callable[[int], None]:
    return lambda seq: _sql(f"UPDATE ledger_entry SET {column} = %s WHERE seq = %s", value, seq)


def _delete(seq: int) -> None:
    _sql("DELETE FROM ledger_entry WHERE seq = %s", seq)


def _swap(seq: int) -> None:
    for old, new in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
        _sql("UPDATE ledger_entry SET seq = %s WHERE seq = %s", new, old)


def _insert(seq: int) -> None:
    last = head().seq
    for place in range(last, seq - 1, -1):
        _sql("UPDATE ledger_entry SET seq = %s WHERE seq = %s", place + 1, place)
    columns = [f.column for f in Entry._meta.concrete_fields if f.column != "seq"]
    names = ", ".join(columns)
    _sql(f"INSERT INTO ledger_entry (seq, {names}) SELECT %s, {names} FROM ledger_entry "
         "WHERE seq = %s", seq, seq + 1)  # fmt: skip


def _cut_tail(seq: int) -> None:
    """Cut the end and put the head back, so that the chain itself is whole again."""
    _sql("DELETE FROM ledger_entry WHERE seq >= %s", seq)
    previous = Entry.objects.get(seq=seq - 1)
    _sql("UPDATE ledger_head SET seq = %s, hash = %s", seq - 1, previous.hash)


def _empty(seq: int) -> None:
    _sql("DELETE FROM ledger_entry")


TAMPERINGS: dict[str, Callable[[int], None]] = {
    "the words of an act": _change_data,
    "who did it": _change_column("actor_id", "99999"),
    "in which role": _change_column("actor_role", "supervisor"),
    "what was done": _change_column("action", "case.reject"),
    "when": _change_column("at", "2020-01-01 00:00:00+00:00"),
    "of which case": _change_column("stream", "case:00000000-0000-0000-0000-000000000000"),
    "its own hash": _change_column("hash", "0" * 64),
    "a deleted entry": _delete,
    "two entries swapped": _swap,
    "an entry doubled": _insert,
    "the tail cut off": _cut_tail,
    "everything deleted": _empty,
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_every_kind_of_tampering_is_found(walked: Case, kind: str) -> None:
    middle = list(entries_of(walked.stream).values_list("seq", flat=True))[3]
    guard.remove(connection)  # as somebody who owns the tables can
    TAMPERINGS[kind](middle)
    code, answer = _verified()
    assert code == 1
    assert answer["ok"] is False
    assert answer["problem"]["seq"] <= head().seq + 1


@pytest.mark.parametrize("kind", ["who did it", "a deleted entry", "everything deleted"])
def test_the_database_itself_refuses_while_its_triggers_stand(walked: Case, kind: str) -> None:
    middle = list(entries_of(walked.stream).values_list("seq", flat=True))[3]
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        TAMPERINGS[kind](middle)
    assert _verified()[0] == 0
