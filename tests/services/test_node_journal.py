"""A node's journal: what was answered is on disk, in a chain, and becomes look-ups once."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from ledger.store.pool import connect
from projections import lookups
from services.node.journal import (
    START,
    Entry,
    Journal,
    JournalBroken,
    JournalFailed,
    chained,
    entries,
    entries_of,
    files,
)
from services.node.uploading import PLACE, upload

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def entry(number, at=NOON, answer="{}"):
    return Entry(
        number=number,
        at=at,
        known_at=at - timedelta(seconds=1),
        position=7,
        officer="lee",
        device="camera 3",
        device_at=None,
        typed="ab12 cde",
        shown="AB12CDE",
        glyphs="AB12CDE",
        zone="OT",
        digest=sha256(answer.encode()).hexdigest(),
        answer=answer,
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


def filled(folder, numbers=(1, 2, 3)):
    journal = Journal(folder)
    journal.append([entry(n) for n in numbers])
    journal.close()
    return journal


def numbers(folder):
    return [each.number for each, _ in entries(folder)]


def test_a_journal_goes_on_under_its_name_from_its_last_number(folder):
    first = filled(folder)

    again = Journal(folder)

    assert (again.node, again.next_number()) == (first.node, 4)
    again.append([entry(4)])
    again.close()
    assert numbers(folder) == [1, 2, 3, 4]


@pytest.mark.parametrize("lost", [1, 2, 60, 200])
def test_a_line_that_a_crash_cut_short_is_put_aside(folder, lost):
    """Its answer never left: what is before it stays, and what comes after it follows on."""
    filled(folder)
    (file,) = files(folder)
    content = file.read_bytes()
    file.write_bytes(content[:-lost])

    journal = Journal(folder)
    journal.append([entry(journal.next_number())])
    journal.close()

    assert numbers(folder) == [1, 2, 3]
    torn = content[:-lost].rpartition(b"\n")[2]
    assert file.with_suffix(".torn").read_bytes() == torn + b"\n"


def test_each_day_has_a_file_and_the_chain_goes_on_from_one_to_the_next(folder):
    journal = Journal(folder)
    journal.append([entry(1), entry(2)])
    journal.append([entry(3, NOON + timedelta(days=1))])
    journal.close()

    first, second = files(folder)
    (*_, (_, chain)) = entries_of(first, START)
    assert [each.number for each, _ in entries_of(second, chain)] == [3]
    assert Journal(folder).number == 3
    with pytest.raises(JournalBroken, match=r"2026-11-20\.jsonl, line 1: it does not follow"):
        list(entries_of(second, START))


def test_an_answer_that_was_changed_afterwards_breaks_the_chain(folder):
    filled(folder)
    (file,) = files(folder)
    file.write_bytes(file.read_bytes().replace(b'"number":2', b'"number":9'))

    with pytest.raises(JournalBroken, match="line 2: it does not follow the one above"):
        Journal(folder)


def test_a_line_that_was_taken_out_breaks_the_chain(folder):
    filled(folder)
    (file,) = files(folder)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[2])

    with pytest.raises(JournalBroken, match="line 2"):
        Journal(folder)


def test_a_journal_is_one_node_s(folder):
    journal = Journal(folder)

    with pytest.raises(JournalBroken, match="is another node's"):
        Journal(folder)
    journal.close()


def test_what_cannot_be_written_is_not_answered_and_leaves_no_half_line(folder):
    """A full disk, as a limit on the size of a file: the journal goes on once there is room."""
    filled(folder, (1,))
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from services.node.journal import Journal, JournalFailed\n"
        "from tests.services.test_node_journal import entry\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))\n"
        "try:\n"
        "    journal.append([entry(n) for n in range(2, 9)])\n"
        "except JournalFailed as error:\n"
        "    print('failed', error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "journal.append([entry(2)])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("failed"), done.stdout
    assert numbers(folder) == [1, 2]


def test_a_node_that_is_killed_while_it_writes_has_every_answer_that_left(folder):
    script = (
        "import sys\n"
        "from itertools import count\n"
        "from pathlib import Path\n"
        "from services.node.journal import Journal\n"
        "from tests.services.test_node_journal import entry\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in count():\n"
        "    journal.append([entry(journal.next_number()) for _ in range(5)])\n"
        "    print(journal.number, flush=True)\n"
    )
    node = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    )
    said = [int(node.stdout.readline()) for _ in range(40)]
    os.kill(node.pid, signal.SIGKILL)
    said += [int(line) for line in node.stdout.read().splitlines()]
    node.wait()

    journal = Journal(folder)

    assert journal.number >= said[-1]
    assert numbers(folder) == list(range(1, journal.number + 1))
    journal.close()


def looked_up(connection):
    return connection.execute(
        "select kind, officer, device, typed, asked_at, answer, encode(answer_digest, 'hex')"
        " from stevenage.lookups order by lookup_id"
    ).fetchall()


def test_a_journal_becomes_look_ups_each_once(database, folder):
    """Sent again, by whomever, and with its place lost: no look-up is there twice."""
    answers = ['{"covered":true}', '{"covered":false}']
    journal = Journal(folder)
    journal.append([entry(1, NOON, answers[0])])
    journal.append([entry(2, NOON + timedelta(days=20), answers[1])])
    with connect(database) as connection:
        assert upload(connection, "stevenage", folder) == 2
        assert upload(connection, "stevenage", folder) == 0
        (folder / PLACE).unlink()
        assert upload(connection, "stevenage", folder) == 0
        journal.append([entry(n, NOON + timedelta(days=20)) for n in range(3, 500)])
        assert upload(connection, "stevenage", folder) == 497
        rows = looked_up(connection)
        seen = lookups.of_mark(
            connection, "stevenage", "AB12CDE", NOON, NOON + timedelta(days=1), 0, 10
        )
    journal.close()

    assert rows[:2] == [
        ("node", "lee", "camera 3", "ab12 cde", at, answer, sha256(answer.encode()).hexdigest())
        for at, answer in zip((NOON, NOON + timedelta(days=20)), answers, strict=True)
    ]
    assert len(rows) == 499
    assert [each.answer for each in seen] == answers[:1]


def test_an_entry_that_was_altered_is_not_sent(database, folder):
    """Its chain is made to fit again, and still its answer is not the one of its digest."""
    filled(folder, (1,))
    (file,) = files(folder)
    written = file.read_bytes().split(b'"entry":', 1)[1].removesuffix(b"}\n")
    altered = written.replace(b'"answer":"{}"', b'"answer":"[]"')
    chain = chained(START, altered).encode()
    file.write_bytes(b'{"chain":"%s","entry":%s}\n' % (chain, altered))

    with connect(database) as connection:
        with pytest.raises(JournalBroken, match="number 1: the answer has another digest"):
            upload(connection, "stevenage", folder)
        assert looked_up(connection) == []


def test_a_failed_synchronisation_ends_the_journal(folder):
    """Nobody knows what the disk has of it."""
    journal = Journal(folder)
    journal.append([entry(1)])
    # A pipe takes what is written, and cannot be synchronised.
    reading, writing = os.pipe()
    os.dup2(writing, journal._file)

    for _ in range(2):
        with pytest.raises(JournalFailed):
            journal.append([entry(2)])
    for each in (reading, writing):
        os.close(each)
    journal.close()
    assert numbers(folder) == [1]
