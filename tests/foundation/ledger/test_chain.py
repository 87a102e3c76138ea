"""The arithmetic of the chain, as properties."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foundation.ledger.chain import GENESIS, Link, canonical, entry_hash, moment

pytestmark = pytest.mark.once

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
MOMENTS = st.integers(10**14, 4 * 10**15).map(
    lambda micro: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micro)
)
LINKS = st.builds(Link, TEXT, TEXT, TEXT, TEXT, TEXT, JSON.map(canonical), MOMENTS.map(moment))


@given(JSON)
def test_canonical_text_says_the_same_and_is_stable(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_order_of_keys_does_not_matter() -> None:
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == '{"a":{"c":3,"d":2},"b":1}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1, 2}, b"bytes"])
def test_what_has_no_json_text_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"value": value})


@given(MOMENTS, st.integers(-12, 12))
def test_a_moment_has_one_text_in_every_zone(at: datetime, hours: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=hours)))
    assert moment(elsewhere) == moment(at)
    assert len(moment(at)) == 32


@given(LINKS, st.integers(1, 10**12))
def test_the_hash_is_that_of_the_documented_list(link: Link, seq: int) -> None:
    from hashlib import sha256

    actor = {"id": link.actor_id, "kind": link.actor_kind, "role": link.actor_role}
    document = [seq, link.stream, link.action, actor, json.loads(link.data), link.at, GENESIS]
    assert entry_hash(seq, link, GENESIS) == sha256(canonical(document).encode()).hexdigest()


@given(LINKS, st.sampled_from(Link._fields), TEXT)
def test_any_changed_part_changes_the_hash(link: Link, part: str, other: str) -> None:
    assume(getattr(link, part) != other)
    changed = link._replace(**{part: other})
    assert entry_hash(7, changed, GENESIS) != entry_hash(7, link, GENESIS)


@given(LINKS)
def test_number_and_predecessor_are_part_of_the_hash(link: Link) -> None:
    hashes = {entry_hash(seq, link, prev) for seq in (1, 2) for prev in (GENESIS, "f" * 64)}
    assert len(hashes) == 4
