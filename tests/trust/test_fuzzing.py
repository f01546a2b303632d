"""What schemathesis makes of our document finds no fault of ours, and every answer as described.

Some requests of each operation here, right and wrong ones; any number with `permit-ledger prove`
(promises.md P16; OWASP API Top 10, 4, 8, 9).
"""

import os
from pathlib import Path
from time import monotonic

import pytest

from scripts.prove.fuzzing import Fuzzed, fuzzed, words_of
from scripts.prove.writers import a_council
from services.councils import open_councils
from tests.browser.harness import served as program

REQUESTS = 800 * int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
SECONDS = 40


@pytest.fixture
def asked(database, tmp_path):
    name = a_council()
    with open_councils(database, [name], commands_max=2, checks_max=1) as councils:
        words, tokens = words_of(councils[name], "fuzzed")
    with program(database, Path(tmp_path), (name,)) as (address, _, _):
        made = Fuzzed(address, name, words, tokens)
        yield made
        made.close()


def test_no_request_that_the_document_suggests_is_answered_with_a_fault(asked):
    found = fuzzed(asked, REQUESTS, monotonic() + SECONDS)

    assert found.faults == ()
    assert found.reached > len(asked.operations)
