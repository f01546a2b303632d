"""An answer in an officer's words: a verdict, the reason in a sentence, and when a notice may go.

Times are local to the scheme. `until` is the first instant that is no longer covered: "until 00:00"
is said as "to the end of" the day before.
"""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.rules.covering import Reason
from ledger.scheme.schema import Scheme
from ledger.values import FOREVER
from projections.enforcement import CheckAnswer

Tone = Literal["yes", "no", "wait", "unknown"]


class Told(Struct, frozen=True, kw_only=True):
    """What the page shows of an answer. `plates` are marks that look like the one typed and are
    covered here; `saved_plates` are saved visitors' that are not.
    """

    tone: Tone
    verdict: str
    mark: str
    zone: str
    sentences: list[str]
    notice: str
    plates: list[str]
    saved_plates: list[str]
    asked: str


_SENTENCES: dict[Reason, str] = {
    "": "It has a right to park in this zone.",
    "no_right": "No permit, voucher or booking for this mark in this zone.",
    "not_started": "It has a booking here, but that has not begun.",
    "ended": "It was covered here, but that has ended.",
    "wrong_zone": "It has a right to park, but in another zone.",
    "not_active": "It is on a permit here, but another vehicle is the active one.",
    "vehicle_excluded": "It has a permit, but the scheme does not cover such a vehicle.",
    "suspended_bay": "The bay is suspended: no permit is valid in it.",
    "not_controlled": "No permit is needed here now: the zone is outside its hours.",
    "unknown": "What is stored of this mark is in doubt.",
}


def told(answer: CheckAnswer, scheme: Scheme) -> Told:
    """The answer in words."""
    tz = scheme.tz
    tone: Tone = "yes" if answer.covered else "no"
    sentences = [_first(answer, tz), *_details(answer, tz)]
    notice = ""
    if answer.covered is None:
        tone = "unknown"
        notice = "Do not issue a notice on this."
    elif not answer.covered:
        notice = "Nothing on record bars a notice."
        if answer.near:
            notice = "Read the plate again first: one that looks like it is covered here."
        if answer.earliest_pcn_at is not None:
            # At that very instant a notice is barred still: the first second after it is meant.
            free = answer.earliest_pcn_at + timedelta(seconds=1)
            if answer.at <= answer.earliest_pcn_at:
                tone = "wait"
                notice = f"No notice before {free.astimezone(tz):%H:%M:%S}: ten minutes of grace."
            elif not answer.near:
                over = _clock(answer.earliest_pcn_at, tz)
                notice = f"Nothing on record bars a notice: the grace ended at {over}."
    asked = f"{answer.at.astimezone(tz):%H:%M:%S} on {_day(answer.at, tz)}"
    verdicts: dict[Tone, str] = {
        "yes": "Covered",
        "no": "Not covered",
        "wait": "Wait",
        "unknown": "Unknown",
    }
    return Told(
        tone=tone,
        verdict=verdicts[tone],
        mark=answer.mark,
        zone=zone_name(scheme, answer.zone),
        sentences=sentences,
        notice=notice,
        plates=answer.near,
        saved_plates=answer.near_saved,
        asked=f"Asked at {asked}, and on record.",
    )


def _first(answer: CheckAnswer, tz: ZoneInfo) -> str:
    if not answer.covered or answer.until is None:
        return _SENTENCES[answer.reason]
    if answer.until >= FOREVER:
        return "It may park here until further notice."
    return f"It may park here {_until(answer.until, tz)}."


def _details(answer: CheckAnswer, tz: ZoneInfo) -> list[str]:
    said = []
    right = answer.right
    if answer.match == "same_glyphs" and right is not None:
        said.append("O and 0, and I and 1, look the same on a plate: taken as the same mark.")
    if right is not None and answer.reason == "not_started":
        said.append(
            f"It begins at {_clock(right.covers_from, tz)} on {_day(right.covers_from, tz)}."
        )
    if right is not None and answer.reason == "ended":
        said.append(
            f"It ended at {_clock(right.covers_until, tz)} on {_day(right.covers_until, tz)}."
        )
    if right is not None and answer.reason == "wrong_zone":
        said.append(f"Its zone is {right.zone}.")
    if answer.limit:
        said.append(f"Over the limit: {answer.limit.replace('_', ' ')}.")
    if answer.hint:
        said.append(f"{answer.hint[0].upper()}{answer.hint[1:]}.")
    return said


def _until(until: datetime, tz: ZoneInfo) -> str:
    local = until.astimezone(tz)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"until the end of {_day(until - timedelta(seconds=1), tz)}"
    return f"until {_clock(until, tz)} on {_day(until, tz)}"


def _clock(at: datetime, tz: ZoneInfo) -> str:
    local = at.astimezone(tz)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def _day(at: datetime, tz: ZoneInfo) -> str:
    local = at.astimezone(tz)
    return f"{local:%A} {local.day} {local:%B}"


def zone_name(scheme: Scheme, zone_id: str) -> str:
    """`OT, Old Town`; the id alone where the scheme gives no name."""
    zone = scheme.zone(zone_id)
    return f"{zone_id}, {zone.name}" if zone and zone.name else zone_id
