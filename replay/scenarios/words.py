"""What a verb is, and the words that many verbs share.

Source: the scenario language, "A file" and the facts of a property and of a resident.
"""

from collections.abc import Mapping

from msgspec import Struct

from replay.scenarios.kinds import CODE, DATE, LABEL, TEXT, TEXTS, TRUTH, Kind, choice

Kinds = Mapping[str, Kind]


class Verb(Struct, frozen=True, kw_only=True):
    """One thing a step can `do`: its own keys, its expectations, and who does it by default."""

    keys: Kinds = {}
    expect: Kinds = {}
    needs: tuple[tuple[str, ...], ...] = ()
    """Of each group exactly one key is given."""
    either: tuple[tuple[str, ...], ...] = ()
    """Of each group one key is given, or none."""
    by: str = "res"
    records: bool = True
    """False where the step only looks: it makes nothing that `as` could name or `key` repeat."""


CHANNEL = choice("website", "app", "phone", "text", "post", "counter")
ROLES = ("staff", "officer", "system")
APPROVER = "approver:"

HOME_FACTS: Kinds = {
    "zone": TEXT,
    "areas": TEXTS,
    "built": DATE,
    "council_tax_from": DATE,
    "converted": TRUTH,
    "built_with_own_scheme": TRUTH,
    "excluded": TRUTH,
}

RESIDENT_FACTS: Kinds = {
    "property": LABEL,
    "born": DATE,
    "receives": TEXTS,
    "mobile": TEXT,
    "council_tax_account": TEXT,
    "verified": TRUTH,
}

REFUSED: Kinds = {"refused": CODE}
