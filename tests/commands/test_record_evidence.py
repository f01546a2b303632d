"""An evidence pack was made for a case."""

from datetime import timedelta

import msgspec
import pytest

from commands.record_evidence import RecordEvidence
from ledger.events import EvidenceMade
from tests.commands.desk import ISSUED, noted, opened

DIGEST = "ab" * 32
MADE = RecordEvidence(case="c", digest=DIGEST, about_at=ISSUED, known_at=ISSUED)


def test_a_pack_is_known_by_its_digest():
    noted(opened()).when(MADE, at="2027-01-12 09:00", by="staff").then(
        EvidenceMade(case_id="c", digest=DIGEST, about_at=ISSUED, known_at=ISSUED)
    )


def test_a_pack_speaks_of_nothing_to_come_and_of_a_case_that_is_there():
    later = msgspec.structs.replace(MADE, known_at=ISSUED + timedelta(days=60))
    noted(opened()).when(later, at="2027-01-12 09:00", by="staff").then_refused(
        "case.dated_in_future"
    )
    noted().when(MADE, at="2027-01-12 09:00", by="staff").then_not_found("case")


@pytest.mark.parametrize("digest", ["", "AB" * 32, "ab" * 31, "zz" * 32])
def test_a_digest_is_sixty_four_hexadecimal_digits(digest: str):
    body = {**msgspec.to_builtins(MADE), "digest": digest, "about_at": "2026-11-19T12:08:00Z"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=RecordEvidence)
