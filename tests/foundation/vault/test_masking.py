"""Private details are found, masked, and never overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.vault.masking import PrivateKind, find_private, is_id_number, masked

pytestmark = pytest.mark.once

FOUND = [
    ("电话13812345678", PrivateKind.PHONE),
    ("打 138 1234 5678 找他", PrivateKind.PHONE),
    ("+86-13812345678", PrivateKind.PHONE),
    ("座机 0519-81234567", PrivateKind.PHONE),
    ("身份证 320402199001010017", PrivateKind.ID_NUMBER),
    ("身份证 320402199001010018", PrivateKind.ID_NUMBER),
    ("11010519491231002X", PrivateKind.ID_NUMBER),
    ("信箱 wang.li@example.com 收", PrivateKind.EMAIL),
    ("车牌苏D12345", PrivateKind.PLATE),
    ("3幢", PrivateKind.UNIT),
    ("12号楼", PrivateKind.UNIT),
    ("三单元", PrivateKind.UNIT),
    ("302室", PrivateKind.UNIT),
    ("甲栋", PrivateKind.UNIT),
    ("建设路18号302室", PrivateKind.UNIT),
    ("家住 8-2-501", PrivateKind.UNIT),
    ("住在三幢东边", PrivateKind.UNIT),
]
KEPT = [
    "回访三户均满意",
    "清运约 6 车",
    "两栋楼之间",
    "6-8点施工",
    "2026-10-03 办结",
    "PM2.5 为 35",
    "按《信访工作条例》第 22-23 条",
    "5–10个工作日",
    "市民热线 12345",
    "编号 TN-20261123-0042-C",
]


@pytest.mark.parametrize(("text", "kind"), FOUND)
def test_a_private_detail_is_found(text: str, kind: PrivateKind) -> None:
    assert [finding.kind for finding in find_private(text)] == [kind]


@pytest.mark.parametrize("text", KEPT)
def test_an_ordinary_number_is_left_alone(text: str) -> None:
    assert masked(text) == text


def test_the_kind_of_place_stays_readable() -> None:
    said = "3幢2单元501室的王先生，电话13812345678"
    assert masked(said) == "＊幢＊单元＊室的王先生，电话＊＊＊"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("320402199001010017", True),
        ("320402198506150029", True),
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("320402199001010018", False),
        ("3204021990010100", False),
        ("３２０４０２１９９００１０１００１７", False),
    ],
)
def test_the_check_character_of_an_identity_number(text: str, right: bool) -> None:
    assert is_id_number(text) is right


PIECES = st.sampled_from([text for text, _ in FOUND] + KEPT + ["，", "在", " ", "1", "室"])


@given(st.lists(PIECES, max_size=6).map("".join))
def test_masking_is_final_and_findings_never_overlap(text: str) -> None:
    assert masked(masked(text)) == masked(text)
    ends = 0
    for finding in find_private(text):
        assert finding.start >= ends
        assert text[finding.start : finding.end] == finding.text
        ends = finding.end


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_mobile_number_survives(before: str, after: str) -> None:
    assert "13812345678" not in masked(f"{before}，13812345678。{after}")
