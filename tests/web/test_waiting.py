"""How long failures take to answer, and how many may wait."""

import threading

import pytest

from app.domain.errors import BUSY, Refused
from app.web.waiting import DEFAULT_FLOOR_MS, LONGEST_FLOOR_MS, WaitingRoom, floor_ms


class Clock:
    """A clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.mark.parametrize(
    ("configured", "slowest", "floor"),
    [
        (None, None, DEFAULT_FLOOR_MS),
        (None, 3, DEFAULT_FLOOR_MS),  # below what our own hash takes a floor would hide nothing
        (None, 310, 310),
        (None, 5000, LONGEST_FLOOR_MS),
        (700, 310, 700),
        (0, 310, 0),
    ],
)
def test_floor(configured: int | None, slowest: int | None, floor: int) -> None:
    assert floor_ms(configured, slowest) == floor


@pytest.mark.parametrize("work", [0.0, 0.001, 0.03, 0.249])
def test_whatever_the_check_took_the_answer_comes_at_the_same_time(work: float) -> None:
    clock = Clock()
    with WaitingRoom(1, clock, clock.sleep).place() as place:
        clock.work(work)
        place.hold(250)
    assert clock.now == pytest.approx(100.25)


def test_a_check_that_took_longer_does_not_wait() -> None:
    clock = Clock()
    with WaitingRoom(1, clock, clock.sleep).place() as place:
        clock.work(0.3)
        place.hold(250)
    assert clock.slept == []


def test_who_does_not_hold_does_not_wait() -> None:
    clock = Clock()
    with WaitingRoom(1, clock, clock.sleep).place():
        pass
    assert clock.slept == []


def test_a_full_room_says_so_before_any_work() -> None:
    room = WaitingRoom(2)
    with room.place(), room.place():
        with pytest.raises(Refused) as refused, room.place():
            pytest.fail("there was no place")
        assert refused.value.refusal is BUSY
        assert refused.value.retry_after
    with room.place():
        pass


def test_a_place_is_given_back_after_a_fault() -> None:
    room = WaitingRoom(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), room.place():
            raise ZeroDivisionError
    with room.place():
        pass


def test_never_more_than_its_places() -> None:
    room, start, hold = WaitingRoom(3), threading.Barrier(8), threading.Event()
    seated, refused = [], []

    def enter() -> None:
        start.wait()
        try:
            with room.place():
                seated.append(1)
                hold.wait(10)
        except Refused:
            refused.append(1)
        if len(refused) == 5:
            hold.set()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seated), len(refused)) == (3, 5)
