"""The scheme's terms in force at the instant, as far as the case turns on them.

Source: promises.md section 5 ("policy text in force with its hash"); scheme TOML.
"""

from collections.abc import Collection
from hashlib import sha256

import msgspec

from ledger.scheme.schema import Scheme
from replay.evidence.pack import Terms, TermsSection
from replay.schemes import showing

_ALWAYS = frozenset({"This scheme", "Zones and hours", "Vehicles", "Checks"})
_encoder = msgspec.json.Encoder(order="sorted")
GRACE_RULE = (
    "X-004: after cover has ended a notice is barred for ten minutes, the tenth included"
    " (regulation 5 of SI 2022/71)"
)


def in_force(scheme: Scheme, products: Collection[str], rules: Collection[str]) -> Terms:
    """What the scheme says of these products and of checks, and the rules that decided."""
    return Terms(
        edition=scheme.edition,
        digest=sha256(_encoder.encode(scheme)).hexdigest(),
        rules=tuple(dict.fromkeys([*rules, GRACE_RULE])),
        sections=tuple(
            TermsSection(heading=section.heading, sentences=section.sentences)
            for section in showing.shown(scheme).sections
            if section.about in products or (not section.about and section.heading in _ALWAYS)
        ),
    )
