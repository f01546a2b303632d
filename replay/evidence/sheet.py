"""A pack as it is laid out on paper: headings, paragraphs, tables, pictures; times local.

Source: issue "Evidence pack"; PDF/UA-1 (every picture has its words, every table its header).
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from projections.enforcement import word
from replay.evidence import annexes
from replay.evidence.happening import HOW_ANSWERED
from replay.evidence.layout import Section, Sheet, Table, Verdict, cited, dated, second, short
from replay.evidence.pack import Pack, Point
from replay.evidence.picture import pictures
from replay.wording import clock, moment


def sheet(pack: Pack, digest: str) -> Sheet:
    """The pack laid out; `digest` is that of its JSON twin."""
    asked = pack.question
    tz = ZoneInfo(asked.timezone)
    return Sheet(
        title=pack.title,
        council=asked.council_name,
        digest=digest,
        summary=pack.summary,
        verdicts=tuple(
            Verdict(
                heading=heading,
                covered=known.covered,
                word="COVERED" if known.covered else "NOT COVERED",
                says=known.says,
            )
            for heading, known in (
                (f"As known by {second(pack.known_then.known_at, tz)}", pack.known_then),
                (f"As known by {second(pack.known_now.known_at, tz)}", pack.known_now),
            )
        ),
        contradictions=tuple(map(_point, pack.contradictions)),
        bearing=tuple(map(_point, pack.bearing)),
        facts=(
            ("Registration mark", asked.mark),
            ("Zone", f"{asked.zone} ({_ZONE_FROM[asked.zone_from]})"),
            ("Instant", second(asked.at, tz)),
            ("Notice", _notice(pack)),
            ("Council and terms", f"{asked.council_name}, {pack.terms.edition}"),
            ("Household", asked.household or "not known from the mark, and none named"),
            ("Made from", f"all that was recorded by {second(asked.as_of, tz)}"),
            ("Made by", f"{pack.software}, as {pack.format}"),
        ),
        sections=tuple(_sections(pack, tz)),
    )


_ZONE_FROM = {
    "asked": "as asked",
    "only": "the only one",
    "check": "where an officer checked it",
    "notice": "as the notice says",
    "right": "where it had a right",
}


def _notice(pack: Pack) -> str:
    if not pack.question.pcn:
        return "none named"
    noted = "as noted in this ledger" if pack.notice else "not noted in this ledger"
    return f"{pack.question.pcn}, {noted}"


def _point(point: Point) -> str:
    return f"{point.says}{cited(point.events)}"


def _sections(pack: Pack, tz: ZoneInfo) -> Iterator[Section]:
    yield _clocks(pack, tz)
    yield _shown(pack, tz)
    yield _timeline(pack, tz)
    yield _rights(pack, tz)
    yield _near(pack, tz)
    yield annexes.notice(pack, tz)
    yield Section(heading="Statutory grace", paragraphs=(pack.grace.says,))
    yield annexes.terms(pack)
    yield annexes.messages(pack, tz)
    yield annexes.attempts(pack, tz)
    yield annexes.incidents(pack, tz)
    yield annexes.events(pack, tz)
    yield Section(
        heading="How to verify this document",
        commands=tuple((each.says, each.command) for each in pack.verifying),
    )
    yield annexes.redactions(pack)


def _clocks(pack: Pack, tz: ZoneInfo) -> Section:
    then, now = pack.known_then, pack.known_now
    both = (then, now)

    def row(name: str, *values: str) -> tuple[str, ...]:
        return (name, *(value or "none" for value in values))

    rights = [known.right for known in both]
    return Section(
        heading="The answer on two clocks",
        paragraphs=(
            "The same question, answered twice: from what was recorded by the first instant, and"
            " from what is recorded by the second. Later corrections change the second only.",
        ),
        tables=(
            Table(
                columns=("", "As known then", "As known now"),
                widths=(3, 6, 6),
                rows=(
                    row("Known by", *(second(known.known_at, tz) for known in both)),
                    row(
                        "Answer", *("covered" if known.covered else "not covered" for known in both)
                    ),
                    row("Reason", *(known.reason.replace("_", " ") for known in both)),
                    row("Right", *("" if each is None else each.named for each in rights)),
                    row(
                        "Cover",
                        *(
                            ""
                            if each is None
                            else f"zone {each.zone}, from {dated(each.covers_from, tz)} until"
                            f" {dated(each.covers_until, tz, 'further notice')}"
                            for each in rights
                        ),
                    ),
                    row(
                        "How it came about",
                        *(
                            "" if each is None else f"{each.told}{cited([each.event])}"
                            for each in rights
                        ),
                    ),
                    row("Notice barred until", *(dated(k.earliest_pcn_at, tz) for k in both)),
                    row("Rule", *(known.rule for known in both)),
                ),
            ),
        ),
    )


def _shown(pack: Pack, tz: ZoneInfo) -> Section:
    rows, digests = [], []
    for each in pack.shown:
        verdict = word(each.covered).upper()
        why = f": {each.reason.replace('_', ' ')}" if each.reason else ""
        until = f" until {dated(each.until, tz)}" if each.until else ""
        held = (
            f", from a list given at {short(each.list_given_at, tz)}" if each.list_given_at else ""
        )
        rows.append(
            (
                str(each.receipt),
                clock(each.about_at, tz),
                f"{each.mark}, zone {each.zone}",
                f"{verdict}{why}{until}",
                f"{each.officer}{', ' + each.device if each.device else ''}"
                f"{HOW_ANSWERED.get(each.kind, '')}{held}",
            )
        )
        unseen = (
            f"; between them, not {', '.join(map(str, each.seen_not))}" if each.seen_not else ""
        )
        digests.append(
            (
                str(each.receipt),
                f"all below {each.seen_low}, none from {each.seen_high} on{unseen}",
                each.digest,
                "yes" if each.intact else "NO",
            )
        )
    if not rows:
        return Section(
            heading="What officers' devices were shown",
            paragraphs=(
                "No check of this mark, or of one nearly the same, is on record that day.",
            ),
        )
    return Section(
        heading="What officers' devices were shown",
        paragraphs=(
            "Every check of this mark, and of marks nearly the same, that day. Each answer is kept"
            " as it was sent; its digest and the ledger it was read from follow.",
        ),
        tables=(
            Table(
                columns=("Receipt", "About", "Mark", "Shown", "Officer and device"),
                widths=(2, 2, 4, 5, 5),
                rows=tuple(rows),
            ),
            Table(
                columns=("Receipt", "Positions seen", "SHA-256 of the answer", "Intact"),
                widths=(2, 4, 8, 2),
                rows=tuple(digests),
                code=(2,),
            ),
        ),
    )


def _timeline(pack: Pack, tz: ZoneInfo) -> Section:
    rows = tuple(
        (
            short(each.at, tz),
            each.says + cited([each.event]),
            each.by + (f", {each.channel}" if each.channel else ""),
        )
        for each in pack.timeline
    )
    lead = (
        f"From {moment(pack.timeline_from, tz)} to {moment(pack.timeline_until, tz)}. The vertical"
        " line is the instant asked about. The table below the pictures says the same in words."
    )
    if not rows:
        rows = ((short(pack.question.at, tz), "Nothing is on record in these two days", ""),)
    return Section(
        heading="Timeline",
        paragraphs=(lead,),
        pictures=pictures(pack, tz),
        tables=(Table(columns=("When", "What", "Who"), widths=(3, 11, 4), rows=rows),),
    )


def _rights(pack: Pack, tz: ZoneInfo) -> Section:
    if not pack.covers:
        return Section(
            heading="Every right of this mark",
            paragraphs=("None is on record in these two days.",),
        )
    return Section(
        heading="Every right of this mark",
        tables=(
            Table(
                columns=("Right", "Zone", "Covers", "Known", "Event"),
                widths=(5, 2, 5, 5, 2),
                rows=tuple(
                    (
                        each.named
                        + (", only listed" if each.kind == "listed" else "")
                        + ("" if each.own else ", of another household"),
                        each.zone,
                        f"{dated(each.covers_from, tz)} to"
                        f" {dated(each.covers_until, tz, 'further notice')}",
                        f"from {short(each.known_from, tz)}"
                        + (f" until {short(each.known_until, tz)}" if each.known_until else "")
                        + (f": {each.closed_by}" if each.closed_by else ""),
                        each.event,
                    )
                    for each in pack.covers
                ),
            ),
        ),
    )


def _near(pack: Pack, tz: ZoneInfo) -> Section:
    if not pack.near_marks:
        return Section(
            heading="Marks nearly the same",
            paragraphs=("None was covered in the zone in these two days, or saved.",),
        )
    return Section(
        heading="Marks nearly the same",
        paragraphs=(
            "One character, or one exchange of neighbours, away. O and 0, and I and 1, are one"
            " character on a plate, and count as the same mark throughout.",
        ),
        tables=(
            Table(
                columns=("Mark", "How it differs", "What it is", "Covered then", "Event"),
                widths=(3, 4, 6, 3, 2),
                rows=tuple(
                    (
                        each.shown,
                        each.how,
                        each.what
                        + (
                            f", zone {each.zone}, {dated(each.covers_from, tz)} to"
                            f" {dated(each.covers_until, tz, 'further notice')}"
                            if each.covers_from
                            else ""
                        ),
                        "yes" if each.covered_then else "no",
                        each.event,
                    )
                    for each in pack.near_marks
                ),
            ),
        ),
    )
