import pytest

from search.breaker import Breaker
from search.errors import EngineUnavailable


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def failing() -> int:
    raise EngineUnavailable("down")


def test_it_opens_after_two_failures_and_closes_after_a_good_probe() -> None:
    time = Time()
    breaker = Breaker(threshold=2, rest=15, clock=time)
    calls = []

    def counted() -> int:
        calls.append(1)
        return failing()

    for _ in range(5):
        with pytest.raises(EngineUnavailable):
            breaker.call(counted)
    assert len(calls) == 2
    assert breaker.is_open
    time.now += 16
    with pytest.raises(EngineUnavailable):
        breaker.call(counted)
    with pytest.raises(EngineUnavailable):
        breaker.call(counted)
    assert len(calls) == 3
    time.now += 16
    assert breaker.call(lambda: 7) == 7
    assert not breaker.is_open
    assert breaker.call(lambda: 8) == 8


def test_a_good_answer_forgets_earlier_failures() -> None:
    breaker = Breaker(threshold=2, rest=15, clock=Time())
    for _ in range(5):
        with pytest.raises(EngineUnavailable):
            breaker.call(failing)
        assert breaker.call(lambda: 1) == 1


def test_only_one_request_probes() -> None:
    time = Time()
    breaker = Breaker(threshold=1, rest=15, clock=time)
    with pytest.raises(EngineUnavailable):
        breaker.call(failing)
    time.now += 16

    def probing() -> int:
        with pytest.raises(EngineUnavailable):
            breaker.call(lambda: 1)
        return 2

    assert breaker.call(probing) == 2
