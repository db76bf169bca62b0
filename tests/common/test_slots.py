"""Slots: at most `limit` are held at once, and each is released once, also after a failure."""

import os

import pytest

from common.slots import SlotHeld, Slots


def numbers():
    yield 1
    yield 2


def free(slots: Slots) -> int:
    taken = 0
    while slots.take():
        taken += 1
    for _ in range(taken):
        slots.release()
    return taken


def test_no_more_than_the_limit_are_taken():
    slots = Slots(2)
    assert (slots.take(), slots.take(), slots.take()) == (True, True, False)
    slots.release()
    assert slots.take()


def test_a_slot_is_held_until_the_end():
    slots = Slots(1)
    slots.take()
    held = SlotHeld(slots, numbers())
    assert (next(held), free(slots)) == (1, 0)
    assert (list(held), free(slots)) == ([2], 1)
    held.close()
    assert free(slots) == 1


def test_a_slot_is_given_back_when_the_client_goes_away():
    slots = Slots(1)
    slots.take()
    held = SlotHeld(slots, numbers())
    next(held)
    held.close()
    assert free(slots) == 1


def test_a_slot_that_was_never_read_is_given_back():
    slots = Slots(1)
    slots.take()
    SlotHeld(slots, numbers()).close()
    assert free(slots) == 1


def test_a_slot_is_given_back_when_the_work_fails():
    def failing():
        yield 1
        raise RuntimeError("gone")

    slots = Slots(1)
    slots.take()
    held = SlotHeld(slots, failing())
    next(held)
    with pytest.raises(RuntimeError, match="gone"):
        next(held)
    assert free(slots) == 1


def test_a_forked_process_begins_with_all_of_them():
    slots = Slots(1)
    slots.take()
    child = os.fork()
    if child == 0:
        os._exit(0 if slots.take() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
