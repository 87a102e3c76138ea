"""Does an answer speak of what was reported? Words and places in common, and pasted answers. Pure.

Characters in pairs stand for Chinese words; pairs that every answer has say nothing.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

HANZI = re.compile(r"[\u3400-\u9fff]+")
NOT_WORDS = re.compile(r"[\W\d_]+")
#: Pairs that stand in reports and answers about anything.
COMMON_WORDS = """
我们 你们 您好 您的 您反 反映 映的 的问 问题 情况 已经 经过 处理 理情 办理 接报
报后 经查 现场 场检 检查 查时 下一 一步 安排 人员 工作 作人 单位 部门 有关 相关
进行 核实 核查 查看 查处 要求 责令 整改 立即 及时 小区 居民 业主 群众 市民 楼下
楼上 附近 周边 旁边 门口 每天 白天 晚上 夜里 夜间 早上 凌晨 经常 一直 影响 响居
正常 生活 休息 希望 尽快 解决 感谢 谢谢 关注 支持 理解 联系 沟通 答复 回复 加强
巡查 管理 监管 继续 今后 如有 可以 没有 不能 这个 那个 什么 时候 时间 题已 已办
街道 社区 网格 办件 件页 页面 评价 说明 完成 后续 措施 发现 存在 目前 对此 此问
题进 行了 作出 上述 之后 以上 地方 公司 一个 一家 非常 严重 味道 声音 到现 派人
日前 您再 请您
"""
COMMON = frozenset(COMMON_WORDS.split())
#: Fewer pairs in common than this are chance.
ENOUGH = 2


@dataclass(frozen=True)
class CommonGround:
    """What an answer has in common with the report: places, topic words, pairs of characters."""

    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()

    @property
    def is_related(self) -> bool:
        """Whether the answer seems to be about this report at all."""
        return bool(self.places or self.topics) or len(self.pairs) >= ENOUGH


def common_ground(
    answer: str, *, report: str, places: Iterable[str] = (), topics: Iterable[str] = ()
) -> CommonGround:
    """Compare ``answer`` with the ``report``, the names of its ``places`` and its ``topics``.

    ``topics``: the category's name and keywords. All are compared as tidy Chinese text; a place
    counts from two characters on, without its house number.
    """
    text = tidy(answer)
    shared = pairs_of(answer) & pairs_of(report)
    return CommonGround(
        places=_found(text, places),
        topics=_found(text, topics),
        pairs=tuple(sorted(shared)),
    )


def tidy(text: str) -> str:
    """Return ``text`` with one form for each sign, without blanks, digits and punctuation."""
    return NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold())


def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of Chinese characters in ``text`` that say something."""
    runs = HANZI.findall(unicodedata.normalize("NFKC", text))
    pairs = {run[at : at + 2] for run in runs for at in range(len(run) - 1)}
    return frozenset(pairs - COMMON)


def _found(text: str, words: Iterable[str]) -> tuple[str, ...]:
    parts = {tidy(part) for word in words for part in re.split(r"[\d\s,，、（）()]+", word)}
    return tuple(sorted(p for p in parts if len(p) >= ENOUGH and p in text and p not in COMMON))


def answer_digest(answer: str) -> str:
    """Return a digest by which an answer is known again although number and dates differ."""
    return hashlib.sha256(tidy(answer).encode()).hexdigest()
