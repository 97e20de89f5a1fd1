from concurrent.futures import ThreadPoolExecutor

import pytest

from shortener.models import SerialCounter
from shortener.serials import BLOCK, Serials


def counting_reserve():
    taken: list[int] = []

    def reserve(size):
        first = sum(taken)
        taken.append(size)
        return range(first, first + size)

    return reserve, taken


def test_serials_are_handed_out_once_to_many_threads():
    reserve, _ = counting_reserve()
    serials = Serials(reserve)
    with ThreadPoolExecutor(8) as pool:
        handed = list(pool.map(lambda _: serials.take(), range(5 * BLOCK)))
    assert sorted(handed) == list(range(5 * BLOCK))


def test_a_spare_block_saves_the_request_from_asking():
    reserve, taken = counting_reserve()
    serials = Serials(reserve)
    serials.refill()
    assert len(taken) == 1
    for _ in range(BLOCK):
        serials.take()
    assert len(taken) == 1


def test_the_spare_block_grows_with_use():
    reserve, taken = counting_reserve()
    serials = Serials(reserve)
    for _ in range(BLOCK + 1):
        serials.take()
    serials.refill()
    assert taken[-1] == 2 * (BLOCK + 1)


@pytest.mark.django_db
def test_blocks_of_the_counter_row_do_not_overlap():
    first, second = SerialCounter.reserve(10), SerialCounter.reserve(5)
    assert first == range(1000, 1010)
    assert second == range(1010, 1015)
