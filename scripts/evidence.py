"""`permit-ledger evidence`: the pack of a case, written as PDF and JSON."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from replay.evidence.asked import Case, NotAskable
from replay.evidence.gathering import make
from replay.evidence.pack import Pack, canonical
from replay.evidence.printing import digest, pdf
from scripts.asking import asked_council, household_id, instant
from scripts.wrong import Wrong


def evidence(
    *,
    council: str,
    mark: str,
    at: str,
    zone: str = "",
    pcn: str = "",
    known: str = "",
    as_of: str = "",
    household: str = "",
    property_ref: Annotated[str, Parameter(name="--property")] = "",
    out: Path = Path(),
) -> int:
    """Write the evidence pack of a case, as PDF and JSON: the same bytes every time.

    Parameters
    ----------
    council
        The id of its scheme.
    mark
        The registration mark on the notice.
    at
        The instant of the notice: YYYY-MM-DD HH:MM[:SS], local, or in UTC with a Z.
    zone
        Where; else where the notice, or the last check of the mark that day, was.
    pcn
        The penalty charge notice's number.
    known
        The first of the two clocks (default: as known at that instant).
    as_of
        The second: made from what was recorded by this instant (default: now).
    household
        The id of the household whose case it is, where the mark does not say.
    property_ref
        Or the reference of its property.
    out
        The folder to write to (default: this one).
    """
    with asked_council(council) as asked:
        tz = asked.editions.latest.tz
        named = household or property_ref
        case = Case(
            typed=mark,
            at=_instant("--at", at, tz),
            zone=zone,
            pcn=pcn,
            known_at=instant("--known", known, tz),
            as_of=instant("--as-of", as_of, tz),
            household_id=str(household_id(asked, household, property_ref)) if named else "",
        )
        try:
            pack = make(asked, case)
        except NotAskable as error:
            raise Wrong(f"--{error}") from error
    for path in _written(pack, out):
        sys.stdout.write(f"{path}\n")
    return 0


def _instant(option: str, written: str, tz: ZoneInfo) -> datetime:
    at = instant(option, written, tz)
    if at is None:
        raise Wrong(f"{option} is needed")
    return at


def _written(pack: Pack, out: Path) -> list[Path]:
    """The twin first: it is written even where the part that prints is not installed.

    A name holds no mark: the instant, and the beginning of the twin's digest.
    """
    twin = canonical(pack)
    asked = pack.question
    name = f"evidence-{asked.council}-{asked.at:%Y%m%dT%H%M%SZ}-{digest(twin)[:12]}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths = [out / f"{name}.json", out / f"{name}.pdf"]
        paths[0].write_bytes(twin)
        paths[1].write_bytes(pdf(pack))
    except OSError as error:
        raise Wrong(f"--out cannot be written to: {error.strerror}") from error
    return paths
