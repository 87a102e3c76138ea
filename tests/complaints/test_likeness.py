"""How alike two reports are: bounds, symmetry, and that each factor pulls in its own direction."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.likeness import (
    LIKELY,
    Likeness,
    Sketch,
    hamming,
    likeness,
    normalised,
    overlap,
    photo_likeness,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHARES = st.floats(0, 1)
FACTORS = ("place", "kind", "words", "time", "photo")
sketches = st.builds(
    Sketch,
    at=st.integers(0, 300).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days)),
    lon=st.none() | st.floats(119.9, 120.1),
    lat=st.none() | st.floats(31.7, 31.9),
    kind=st.none() | st.integers(1, 6),
    family=st.none() | st.integers(1, 3),
    text=st.text("楼下烧烤油烟味重扰民 ，。abc1", max_size=40),
    address=st.sampled_from(["", "翠竹新村 32 幢", "翠竹新村32幢", "青龙路 1 号"]),
    hashes=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(tuple),
)


@given(sketches, sketches)
def test_the_order_does_not_matter_and_all_stays_between_0_and_1(
    one: Sketch, other: Sketch
) -> None:
    alike = likeness(one, other)
    back = likeness(other, one)
    assert alike.total == pytest.approx(back.total)
    assert 0 <= alike.total <= 1
    assert all(0 <= getattr(alike, name) <= 1 for name in FACTORS)


def total(factors: dict[str, float]) -> float:
    return Likeness(**factors).total  # type: ignore[arg-type]


@given(st.fixed_dictionaries({name: SHARES for name in FACTORS}), st.sampled_from(FACTORS), SHARES)
def test_the_total_never_falls_when_one_factor_grows(
    factors: dict[str, float], name: str, share: float
) -> None:
    less, more = sorted((factors[name], share))
    below = total({**factors, name: less})
    assert total({**factors, name: more}) >= below - 1e-12


def sketch(**parts: object) -> Sketch:
    known = {"at": NOW, "lon": 119.98, "lat": 31.78, "kind": 2, "family": 1, "text": "油烟很大"}
    return Sketch(**{**known, **parts})  # type: ignore[arg-type]


def test_place_time_and_kind_suffice_and_another_kind_needs_more() -> None:
    assert likeness(sketch(text=""), sketch(text="")).total >= LIKELY
    other = sketch(text="", kind=3)
    assert not likeness(sketch(text=""), other).is_likely


def test_farther_later_and_with_other_words_is_less_alike() -> None:
    near = likeness(sketch(), sketch()).total
    assert likeness(sketch(), sketch(lon=119.982)).total < near
    assert likeness(sketch(), sketch(at=NOW + timedelta(days=20))).total < near
    assert likeness(sketch(), sketch(text="路面坑洼积水")).total < near


def test_addresses_are_the_same_whatever_their_spaces_and_widths() -> None:
    assert normalised("翠竹新村 ３２ 幢") == normalised("翠竹新村32幢")
    one = sketch(lon=None, lat=None, address="翠竹新村 32 幢")
    assert likeness(one, sketch(lon=None, lat=None, address="翠竹新村32幢")).place == 1


def test_texts_share_pairs_of_characters() -> None:
    assert overlap("楼下烧烤店油烟扰民", "楼下烧烤店油烟扰民！") == 1
    assert overlap("烧烤店每天晚上油烟很大", "晚上烧烤店油烟大，睡不着") > 0.3
    assert overlap("烧烤店每天晚上油烟很大", "河水发黑有臭味") == 0
    assert overlap("油烟", "油烟") < 0.5


def test_photos_are_alike_by_few_bits_and_plain_ones_say_nothing() -> None:
    scene = 0x0F3A_91C4_77E0_13D5
    assert photo_likeness([scene], [scene ^ 0b101]) > 0.8
    assert photo_likeness([scene], [~scene]) == 0
    assert photo_likeness([0], [0]) == 0
    assert hamming(-1, 0) == 64
