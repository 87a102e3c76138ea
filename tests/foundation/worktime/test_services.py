"""The calendar in the database: overrides, versions, events, the pack, the commands."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.jobs import services as jobs
from foundation.ledger.actor import Actor
from foundation.ledger.selectors import entries_of
from foundation.places.pack import Pack, PackError
from foundation.worktime import selectors
from foundation.worktime import services as worktime
from foundation.worktime.calendar import SHANGHAI
from foundation.worktime.models import DayOverride, Origin, WorkingCalendar
from foundation.worktime.pack import load_calendar

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
BASE = 'announced_until = 2026\nhours = [["08:00", "12:00"], ["14:00", "18:00"]]\n'
NOTICE = "国办发明电〔2026〕7号"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def fresh_process():
    selectors.held.forget()
    yield
    selectors.held.forget()


@pytest.fixture
def events(monkeypatch):
    """What was emitted, while the real queue still gets it."""
    seen: list[tuple[str, str, dict]] = []
    real = jobs.emit

    def note(topic, *, key, payload, run_after=None):
        seen.append((topic, key, payload))
        real(topic, key=key, payload=payload, run_after=run_after)

    monkeypatch.setattr(worktime, "emit", note)
    return seen


@pytest.fixture
def load(tmp_path):
    def run(text):
        (tmp_path / "calendar.toml").write_text(text, encoding="utf-8")
        return load_calendar(Pack(tmp_path))

    return run


def test_the_worked_example_through_the_service():
    result = worktime.deadline(at("2025-09-26T10:00"), "5wd")
    assert result.due == at("2025-10-10T18:00")
    assert result.skipped[0].why == "星期六"
    assert "调休" in {skip.why for skip in result.skipped}


def test_a_warm_calendar_costs_no_query(load, django_assert_num_queries):
    load(BASE)
    selectors.held.forget()
    worktime.deadline(at("2025-09-26T10:00"), "5wd")
    with django_assert_num_queries(0):
        worktime.deadline(at("2026-09-26T10:00"), "20wd")


def test_a_day_entered_moves_deadlines_at_once_and_is_recorded(load, events):
    load(BASE)
    before = worktime.deadline(at("2026-03-02T10:00"), "1wd")
    worktime.set_day(day=date(2026, 3, 3), is_working=False, source=NOTICE, actor=ACTOR)
    after = worktime.deadline(at("2026-03-02T10:00"), "1wd")
    assert before.due == at("2026-03-03T18:00")
    assert after.due == at("2026-03-04T18:00")
    assert after.skipped[0].why == NOTICE
    assert after.calendar != before.calendar
    ((topic, key, payload),) = events
    assert (topic, key) == ("worktime.changed", after.calendar)
    assert payload == {"from": "2026-03-03", "until": "2026-03-03"}
    entry = entries_of("worktime:calendar").last()
    assert entry.action == "worktime.day_set"
    assert entry.data == {"date": "2026-03-03", "is_working": False, "source": NOTICE}


def test_a_day_cleared_moves_deadlines_back(load, events):
    load(BASE)
    worktime.set_day(day=date(2026, 3, 3), is_working=False, source=NOTICE, actor=ACTOR)
    assert worktime.clear_day(day=date(2026, 3, 3), actor=ACTOR)
    assert worktime.deadline(at("2026-03-02T10:00"), "1wd").due == at("2026-03-03T18:00")
    assert not worktime.clear_day(day=date(2026, 3, 3), actor=ACTOR)
    assert len(events) == 2


def test_nobody_moves_a_deadline_without_a_source():
    with pytest.raises(ValueError, match="Name the notice"):
        worktime.set_day(day=date(2026, 3, 3), is_working=False, source=" ", actor=ACTOR)
    assert not DayOverride.objects.filter(date=date(2026, 3, 3)).exists()


def test_an_announced_year_ends_being_provisional(load, events):
    load(BASE)
    assert worktime.deadline(at("2026-12-30T10:00"), "5wd").provisional
    worktime.announce_year(year=2027, actor=ACTOR)
    assert not worktime.deadline(at("2026-12-30T10:00"), "5wd").provisional
    assert events[-1][2] == {"from": "2027-01-01", "until": "2027-12-31"}


@pytest.mark.parametrize(
    ("now", "missing"),
    [("2026-10-31T12:00", None), ("2026-11-01T12:00", 2027), ("2027-03-01T12:00", 2027)],
)
def test_from_november_on_the_missing_notice_is_reported(load, now, missing):
    load(BASE)
    selectors.held.forget()
    assert selectors.missing_notice(at(now)) == missing


def test_remaining_working_days_are_counted_from_today():
    due = at("2026-03-10T18:00")
    assert worktime.remaining_working_days(at("2026-03-06T09:00"), due) == 2
    assert worktime.remaining_working_days(at("2026-03-10T23:00"), due) == 0
    assert worktime.remaining_working_days(at("2026-03-12T09:00"), due) == -2
    late_evening_utc = datetime(2026, 3, 9, 17, tzinfo=UTC)  # the 10th in Shanghai
    assert worktime.remaining_working_days(late_evening_utc, due) == 0


def test_elapsed_share_follows_the_limit():
    start, due = at("2026-03-06T10:00"), at("2026-03-10T18:00")
    saturday, monday = at("2026-03-07T01:00"), at("2026-03-09T08:00")
    share = worktime.elapsed_share
    assert share(start, due, saturday, "2wd") == share(start, due, monday, "2wd")
    assert share(start, due, saturday) < share(start, due, monday)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-03T08:00", True),
        ("2026-03-03T12:00", False),
        ("2026-03-03T13:59", False),
        ("2026-03-03T17:59", True),
        ("2026-03-03T18:00", False),
        ("2026-03-07T10:00", False),
        ("2026-02-28T10:00", True),
    ],
)
def test_business_time(moment, is_open):
    assert selectors.is_business_time(at(moment)) is is_open


# -- the pack -------------------------------------------------------------------------------------


def day(text: str, working: str = "false", source: str = NOTICE) -> str:
    return f'[[day]]\ndate = {text}\nworking = {working}\nsource = "{source}"\n'


def test_the_pack_is_loaded_once_and_told_once(load, events):
    load(BASE)
    assert not load(BASE)
    changes = load(BASE + day("2027-02-04"))
    assert (changes.added, changes.unchanged) == (1, 1)
    assert not load(BASE + day("2027-02-04"))
    changes = load(BASE + day("2027-02-04", "true"))
    assert changes.changed == 1
    assert load(BASE).removed == 1
    assert [payload["from"] for _topic, _key, payload in events] == ["2027-02-04"] * 3


def test_the_first_calendar_moves_nothing(load, events):
    WorkingCalendar.objects.all().delete()
    assert load(BASE).added == 1
    assert events == []


def test_other_hours_concern_every_deadline(load, events):
    load(BASE)
    load(BASE.replace("08:00", "08:30").replace("18:00", "17:30"))
    assert events[-1][2] == {"from": "2000-01-01", "until": "2099-12-31"}
    assert worktime.deadline(at("2026-03-02T10:00"), "1wd").due == at("2026-03-03T17:30")


def test_a_day_entered_by_hand_outlives_the_pack(load):
    load(BASE)
    worktime.set_day(day=date(2027, 2, 4), is_working=True, source="会议决定", actor=ACTOR)
    load(BASE + day("2027-02-04"))
    load(BASE)
    kept = DayOverride.objects.get(date=date(2027, 2, 4))
    assert (kept.is_working, kept.source, kept.origin) == (True, "会议决定", Origin.MANUAL)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hours = []", "announced_until: this field is missing"),
        (BASE.replace("2026", "26"), "announced_until: must be a whole number, 2000 or more"),
        (BASE.replace('"12:00"]', '"noon"]'), "must be a pair like"),
        (BASE.replace('"12:00"]', '"07:00"]'), "overlaps or runs backwards"),
        (BASE.replace('"14:00"', '"11:00"'), "overlaps or runs backwards"),
        (BASE + "holliday = 1", "holliday: nobody knows this field"),
        (BASE + day("2027-02-04") * 2, r"\[\[day\]\] 2 \(line 7\) .*named twice"),
        (BASE + day("1899-02-04"), "must lie within 2000–2099"),
        (BASE + day('"morgen"'), "not a date like"),
        (BASE + day("2027-02-04", source=""), "source: must not be empty"),
        (BASE + day("2027-02-04", '"no"'), "working: must be true or false"),
    ],
)
def test_every_mistake_in_the_calendar_is_told(load, text, says):
    with pytest.raises(PackError, match=says):
        load(text)


# -- commands -------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_due_prints_the_json_of_the_contract(load):
    load(BASE)
    answer = json.loads(run("due", "--start", "2025-09-26T10:00", "--limit", "5wd", "--json"))
    assert set(answer) == {"due", "counted", "skipped", "provisional"}
    assert answer["due"] == "2025-10-10T18:00:00+08:00"
    assert answer["counted"][0] == "2025-09-28"
    assert answer["skipped"][0] == {"date": "2025-09-27", "why": "星期六"}
    assert answer["provisional"] is False


def test_due_accepts_an_offset():
    answer = json.loads(run("due", "--start", "2025-09-26T23:00Z", "--limit", "1wd", "--json"))
    assert answer["due"] == "2025-09-28T18:00:00+08:00"


def test_due_in_plain_words_warns_of_an_unpublished_year(load):
    load(BASE)
    text = run("due", "--start", "2026-12-30T10:00", "--limit", "5wd")
    assert "due      2027-01-07 18:00" in text
    assert "provisional" in text


@pytest.mark.parametrize(
    ("start", "limit", "says"),
    [
        ("tomorrow", "5wd", "cannot be read: write a date and time like"),
        ("2025-13-01T10:00", "5wd", "cannot be read"),
        ("2025-09-26T10:00", "5", "like 5wd"),
        ("1980-09-26T10:00", "5wd", "2000 to 2099"),
        ("2099-12-31T10:00", "5wd", "after 2099"),
    ],
)
def test_due_answers_bad_input_with_a_sentence(start, limit, says):
    with pytest.raises(CommandError, match=says):
        run("due", "--start", start, "--limit", limit)


def test_workday_enters_clears_and_announces(load):
    load(BASE)
    assert "day of rest" in run("workday", "2027-02-04", "--off", "--source", NOTICE)
    assert not selectors.is_working_day(date(2027, 2, 4))
    assert "working day" in run("workday", "2027-02-14", "--on", "--source", NOTICE)
    assert selectors.is_working_day(date(2027, 2, 14))
    assert "Cleared" in run("workday", "2027-02-04", "--clear")
    assert selectors.is_working_day(date(2027, 2, 4))
    assert "2027" in run("workday", "--announce", "2027")
    assert selectors.calendar().is_announced(2027)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--off", "--source", "x"], "Give a date"),
        (["2027-02-30", "--off", "--source", "x"], "Give a date"),
        (["1899-02-01", "--off", "--source", "x"], "must lie within"),
        (["2027-02-04", "--off"], "Use --source"),
        (["--announce", "27"], "must lie within"),
    ],
)
def test_workday_answers_bad_input_with_a_sentence(arguments, says):
    with pytest.raises(CommandError, match=says):
        run("workday", *arguments)
