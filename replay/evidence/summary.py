"""The pack in plain English: what a person reads who reads nothing else.

Source: promises.md section 5 ("Plain summary").
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ledger.calendar import local_date
from projections.enforcement import word
from replay.evidence.pack import Asked, Known, NoticeTold, ShownAnswer, Verifying
from replay.evidence.receipts import speaks_of
from replay.wording import clock, counted, day, moment, near


def title(asked: Asked, tz: ZoneInfo) -> str:
    return f"Was {asked.mark} covered in zone {asked.zone} at {moment(asked.at, tz)}?"


def summary(
    asked: Asked,
    then: Known,
    now: Known,
    shown: tuple[ShownAnswer, ...],
    anything: bool,
    notice: NoticeTold | None,
    tz: ZoneInfo,
) -> Iterator[str]:
    """Sentences: the answer, what was known then, what officers were shown, the notice."""
    was = "was covered" if now.covered else "was not covered"
    when = f"On {day(local_date(asked.at, tz))} at {clock(asked.at, tz)}"
    yield f"{when} the vehicle {asked.mark} {was} in zone {asked.zone}."
    why = now.says.partition(": ")[2]
    yield f"The reason: {why}."
    if not anything:
        yield (
            "Nothing at all is on record about this mark around that time: no permit, booking,"
            " card or check, and none of a mark nearly the same."
        )
    if (then.covered, then.says) == (now.covered, now.says):
        yield f"The same was known by {near(then.known_at, asked.at, tz)}."
    else:
        known = "was covered" if then.covered else "was not covered"
        yield (
            f"By {near(then.known_at, asked.at, tz)} something else was known: that it {known},"
            f" because {then.says.partition(': ')[2]}."
        )
    yield _checked(asked, shown, tz)
    if asked.pcn:
        noted = "" if notice else ", which is not noted in this ledger"
        yield f"The case is about penalty charge notice {asked.pcn}{noted}."


def _checked(asked: Asked, shown: tuple[ShownAnswer, ...], tz: ZoneInfo) -> str:
    same = [each for each in shown if each.relation == "same"]
    if not same:
        return "No officer's device was asked about this mark that day."
    about = [each for each in same if speaks_of(each, asked.zone, asked.at)] or same
    last = min(about, key=lambda each: (abs(each.about_at - asked.at), each.receipt))
    verdict = word(last.covered)
    return (
        f"Officers' devices were asked about this mark {counted(len(same), 'time')} that day;"
        f" the answer nearest to the instant, at {clock(last.about_at, tz)}, was: {verdict}."
    )


def verifying(asked: Asked, household: str) -> Iterator[Verifying]:
    """How anyone with access to the ledger makes the pack again, and compares."""
    instants = (
        ("--at", asked.at),
        ("--known", asked.known_at),
        ("--as-of", asked.as_of),
    )
    options = [f'{name} "{at:%Y-%m-%d %H:%M:%S.%f}Z"' for name, at in instants]
    if asked.pcn:
        options.append(f'--pcn "{asked.pcn}"')
    if household:
        options.append(f"--household {household}")
    yield Verifying(
        says="Make the pack again: the same question, made from the same instant, gives the same"
        " bytes, and so the same SHA-256, on any machine.",
        command=f"permit-ledger evidence --council {asked.council} --mark {asked.mark}"
        f" --zone {asked.zone} {' '.join(options)}",
    )
    yield Verifying(
        says="Take the machine-readable twin out of this document, and compare its SHA-256 with the"
        " one printed at the foot of every page.",
        command="pdfdetach -save 1 -o evidence.json FILE.pdf && sha256sum evidence.json",
    )
    yield Verifying(
        says="Tell every stream, position and read model of the ledger again from its events.",
        command=f"permit-ledger verify --council {asked.council}",
    )
    yield Verifying(
        says="Compare a cited event's digest with its stored bytes (P: the position in the list).",
        command="select encode(sha256(state), 'hex')"
        f' from "{asked.council}".stored_events where notification_id = P',
    )
    yield Verifying(
        says="Compare a receipt's digest with the bytes that were sent (N: the receipt's number).",
        command="select encode(sha256(convert_to(answer, 'UTF8')), 'hex')"
        f' from "{asked.council}".lookups where lookup_id = N',
    )
