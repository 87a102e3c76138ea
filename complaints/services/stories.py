"""How synthetic cases go: paths through the workflow table with shares from real life. Pure."""

from dataclasses import dataclass
from random import Random

from complaints.workflow import Party

#: Shares of pollution types (12369, December 2020; design/domain.md §3); they may sum past 100 %.
TYPE_SHARES = {
    "air": 51.2,
    "noise": 47.1,
    "water": 14.5,
    "waste": 8.8,
    "nature": 2.8,
    "radiation": 0.9,
}


@dataclass(frozen=True)
class Beat:
    """One act of a story: who does it and after how many hours at the median."""

    action: str
    party: Party
    hours: float


def _beats(*rows: tuple[str, Party, float]) -> tuple[Beat, ...]:
    return tuple(Beat(*row) for row in rows)


P = Party
_ACCEPT = ("accept", P.DISPATCHER, 1.5)
_SEEN = (("respond", P.HANDLER, 2.0),)
_OUT = (("dispatch", P.DISPATCHER, 0.5), ("sign_for", P.HANDLER, 1.0))
_DONE = (("complete", P.HANDLER, 30.0), ("approve", P.REVIEWER, 4.0))
_ASKED = (("start_followup", P.SYSTEM, 26.0), ("close", P.FOLLOWUP, 20.0))
_RATED = (("rate", P.COMPLAINANT, 6.0), ("close", P.FOLLOWUP, 20.0))

#: Stories with their weight; a story that would reach past now stops there and leaves an open case.
STORIES: tuple[tuple[float, tuple[Beat, ...]], ...] = (
    (38, _beats(_ACCEPT, *_OUT, *_SEEN, *_DONE, *_RATED)),
    (30, _beats(_ACCEPT, *_OUT, *_SEEN, *_DONE, *_ASKED)),
    (6, _beats(_ACCEPT, ("answer_directly", P.DISPATCHER, 3.0), *_ASKED)),
    (
        5,
        _beats(
            _ACCEPT,
            ("dispatch", P.DISPATCHER, 0.5),
            ("request_return", P.HANDLER, 2.0),
            ("uphold_return", P.DISPATCHER, 2.0),
            *_OUT,
            *_DONE,
            *_ASKED,
        ),
    ),
    (
        3,
        _beats(
            _ACCEPT,
            *_OUT,
            ("blow_whistle", P.HANDLER, 6.0),
            ("end_whistle", P.HANDLER, 20.0),
            *_DONE,
            *_RATED,
        ),
    ),
    (
        3,
        _beats(
            _ACCEPT,
            *_OUT,
            *_DONE,
            ("reopen", P.COMPLAINANT, 30.0),
            *_OUT,
            *_DONE,
            *_ASKED,
        ),
    ),
    (
        2,
        _beats(
            _ACCEPT,
            *_OUT,
            ("request_extension", P.HANDLER, 12.0),
            ("grant_extension", P.SUPERVISOR, 4.0),
            *_DONE,
            *_ASKED,
        ),
    ),
    (
        2,
        _beats(
            ("ask_info", P.DISPATCHER, 2.0),
            ("supply_info", P.COMPLAINANT, 12.0),
            _ACCEPT,
            *_OUT,
            *_DONE,
            *_RATED,
        ),
    ),
    (5, _beats(("reject", P.DISPATCHER, 3.0))),
    (4, _beats(("refer_out", P.DISPATCHER, 3.0))),
    (2, _beats(("withdraw", P.COMPLAINANT, 5.0))),
)

#: Ratings 5…1 as residents give them, per cent.
RATING_WEIGHTS = (70, 25, 3, 1, 1)

REPLY = (
    "接报后，工作人员当日到现场核查。经查，反映情况属实，现场检查时已要求责任单位立即整改。"
    "目前整改完成，下一步将加强巡查。已与反映人沟通。"
)


def pick_story(random: Random) -> tuple[Beat, ...]:
    """Choose a story by its weight."""
    weights = [weight for weight, _story in STORIES]
    return random.choices([story for _weight, story in STORIES], weights)[0]


def delay_hours(random: Random, median: float) -> float:
    """Return a waiting time: log-normal, so that a few take very long and are late."""
    return median * random.lognormvariate(0.0, 0.9)
