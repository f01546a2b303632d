"""What a new version adds to a ledger that has facts: its new read models, filled from them.

A following model begins at the first fact by itself; an inline one takes only what is appended
from then on, so that all of them are made anew once.
"""

import sys

from replay.rebuild import rebuild
from services.council import Council


def filled(council: Council) -> None:
    """Make the inline read models anew. Raises CorruptLedger and ConcurrentChange."""
    sys.stderr.write(f"{council.id}: filling what this version added to the database\n")
    rebuild(council.ledger, council.ledger.inline)
