"""`permit-ledger check`: the officer's question, asked from the command line, and kept like any."""

import sys
from zoneinfo import ZoneInfo

import msgspec

from ledger.scheme.schema import Scheme
from projections.enforcement import CheckAnswer, word
from scripts.asking import asked_council, instant, shown
from scripts.wrong import Wrong

_OFFICER, _DEVICE = "command-line", "command-line"
_REASONS = {
    "no_right": "nothing is booked, listed or displayed for it",
    "not_started": "its cover has not started",
    "ended": "its cover has ended",
    "wrong_zone": "its cover is for another zone",
    "not_active": "it is listed on a permit that is active for another vehicle",
    "vehicle_excluded": "the scheme excludes such a vehicle",
    "suspended_bay": "the bay is suspended",
    "not_controlled": "the zone's hours do not apply",
    "unknown": "what is stored of it is in doubt: issue no notice on this",
}


def main(*, council: str, mark: str, zone: str, at: str, known: str, json: bool) -> int:
    """0 whether or not it is covered. Raises Refused for a mark that is none, NotFound, Wrong."""
    with asked_council(council) as asked:
        scheme = asked.editions.latest
        answer = asked.check(
            typed=mark,
            zone=zone_of(scheme, zone),
            at=instant("--at", at, scheme.tz),
            known_at=instant("--known", known, scheme.tz),
            bay="",
            officer=_OFFICER,
            device=_DEVICE,
        )
    if json:
        sys.stdout.write(f"{msgspec.json.encode(answer).decode()}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines(answer, scheme.tz))
    return 0


def zone_of(scheme: Scheme, named: str) -> str:
    """The zone that is meant: the only one there is needs no name. Raises Wrong."""
    ids = [zone.id for zone in scheme.zones]
    if not named and len(ids) == 1:
        return ids[0]
    if named not in ids:
        raise Wrong(f"--zone is one of {', '.join(ids)}" + (f", not {named}" if named else ""))
    return named


def lines(answer: CheckAnswer, zone: ZoneInfo) -> list[str]:
    """The answer in words, the verdict first."""
    verdict = word(answer.covered).upper()
    said = [f"{answer.mark} in zone {answer.zone} at {shown(answer.at, zone)}: {verdict}"]
    if answer.reason:
        said.append(f"  because {_REASONS.get(answer.reason, answer.reason)}")
    if answer.covered is None:
        said.append(f"  {answer.hint}")
    if answer.limit:
        said.append(f"  over the scheme's limit of {answer.limit.replace('_', ' ')}")
    if answer.match == "same_glyphs":
        said.append("  the mark on record reads the same (O and 0, I and 1 are one glyph)")
    if answer.until is not None:
        said.append(f"  until {shown(answer.until, zone)}")
    if answer.earliest_pcn_at is not None:
        said.append(f"  a notice is barred up to and at {shown(answer.earliest_pcn_at, zone)}")
    if answer.near:
        said.append(f"  looks like {', '.join(answer.near)}, which is covered here")
    if answer.right is not None:
        right = answer.right
        said.append(
            f"  by {right.kind} of {right.product}, event {right.household}/{right.version}"
        )
    return said
