"""A device that is killed while it takes a list: the list it had is there, whole (item 3)."""

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from services.handhelds import device
from tests.services.test_handhelds import NOON, a_list, entry

MANY = 3_000
KILLED = """
import sys
from pathlib import Path
import msgspec
from services.handhelds import device
place = Path(sys.argv[1])
held = device.kept(place)
print("holding", flush=True)
while True:
    held = msgspec.structs.replace(held, position=held.position + 1)
    device.keep(place, held)
"""
"""A device that does nothing but put one list in the place of another."""


@pytest.mark.parametrize("seed", range(4))
def test_a_device_killed_in_the_middle_of_a_sync_holds_a_whole_list(
    tmp_path: Path, seed: int
) -> None:
    """Killed at whatever moment: never half a list, and never none."""
    place = tmp_path / "list.json"
    first = a_list(*(entry(f"A{n}", f"c{n}") for n in range(MANY)), position=0)
    device.keep(place, first)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(place)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    sleep(random.Random(seed).uniform(0.02, 0.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    held = device.kept(place)

    assert held.entries == first.entries
    answer = device.answer(held, "A7", NOON + timedelta(minutes=1))
    assert answer is not None
    assert answer.covered


def test_a_sync_that_fails_on_its_way_leaves_the_old_list_and_the_next_one_takes_its_place(
    tmp_path: Path,
) -> None:
    """No room for the new list: the old one answers on."""
    place = tmp_path / "list.json"
    device.keep(place, a_list(entry()))
    # Where the new list would be written there is no file to be made.
    place.with_suffix(".part").mkdir()

    with pytest.raises(OSError, match="directory"):
        device.keep(place, a_list())
    assert device.kept(place) == a_list(entry())

    place.with_suffix(".part").rmdir()
    device.keep(place, a_list())
    assert device.kept(place) == a_list()
