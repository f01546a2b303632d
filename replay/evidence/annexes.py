"""The later sections of a pack: terms, messages, attempts, incidents, events, what was left out."""

from zoneinfo import ZoneInfo

from replay.evidence.layout import Section, Table, second, short
from replay.evidence.pack import Pack


def terms(pack: Pack) -> Section:
    told = pack.terms
    return Section(
        heading="The scheme's terms in force",
        paragraphs=(f"Edition {told.edition}. SHA-256 of its values: {told.digest}.",),
        lists=(
            ("Rules that decided", told.rules),
            *((section.heading, section.sentences) for section in told.sections),
        ),
    )


def messages(pack: Pack, tz: ZoneInfo) -> Section:
    rows = tuple(
        (short(each.due_at, tz), each.about, short(each.sent_at, tz, "not marked"), each.event)
        for each in pack.messages
    )
    return _listed(
        "Messages to the household",
        _none(pack, "None fell due in these two days."),
        Table(columns=("Due", "Message", "Sent", "Event"), widths=(3, 8, 3, 2), rows=rows),
    )


def attempts(pack: Pack, tz: ZoneInfo) -> Section:
    rows = tuple(
        (
            short(each.at, tz),
            each.tried,
            "; ".join(each.reasons),
            ", ".join(each.codes),
            each.by + (f", {each.channel}" if each.channel else ""),
        )
        for each in pack.attempts
    )
    return _listed(
        "Attempts that were refused",
        _none(pack, "None by this household is on record in these two days."),
        Table(
            columns=("When", "Tried to", "Why it was refused", "Code", "Who"),
            widths=(3, 3, 6, 4, 3),
            rows=rows,
        ),
    )


def incidents(pack: Pack, tz: ZoneInfo) -> Section:
    rows = tuple(
        (
            short(each.begins_at, tz),
            short(each.until, tz, "not ended"),
            ", ".join(each.services),
            f"{each.reason} [{each.event}]",
        )
        for each in pack.incidents
    )
    return _listed(
        "Service incidents",
        "None is on the council's register for these two days.",
        Table(
            columns=("From", "Until", "Services", "What happened"), widths=(3, 3, 3, 8), rows=rows
        ),
    )


def notice(pack: Pack, tz: ZoneInfo) -> Section:
    told = pack.notice
    if told is None:
        none = f"{pack.question.pcn} is not noted in this ledger." if pack.question.pcn else ""
        return Section(
            heading="The notice and its cases", paragraphs=(none or "No notice was named.",)
        )
    rows = tuple((short(each.at, tz), f"{each.says} [{each.event}]", each.by) for each in told.acts)
    return _listed(
        "The notice and its cases",
        f"{told.number} is about another mark; nothing else of it is told.",
        Table(columns=("When", "What", "Who"), widths=(3, 11, 4), rows=rows),
    )


def events(pack: Pack, tz: ZoneInfo) -> Section:
    rows = tuple(
        (
            each.name,
            short(each.recorded_at, tz),
            each.tag,
            f"{each.version}",
            str(each.position),
            each.digest,
        )
        for each in pack.events
    )
    table = Table(
        columns=("Event", "Recorded", "Kind", "Version", "Position", "SHA-256 of its stored bytes"),
        widths=(2, 4, 5, 2, 3, 8),
        rows=rows,
        code=(5,),
    )
    streams = {each.stream: each.whose for each in pack.events if each.stream}
    said = [
        f"{whose[:1].upper()}{whose[1:]}: stream {stream}." for stream, whose in streams.items()
    ]
    said += [
        f"Of {whose}: {', '.join(each.name for each in pack.events if each.whose == whose)}."
        for whose in ("another household", "the notice", "the register of outages")
        if any(each.whose == whose for each in pack.events)
    ]
    return Section(
        heading="Events cited",
        paragraphs=tuple(said) or ("No event is cited.",),
        tables=(table,) if rows else (),
    )


def redactions(pack: Pack) -> Section:
    asked = pack.question
    return Section(
        heading="Annex: what was left out",
        paragraphs=(
            "This document is for the household of the case and for the tribunal. It holds nobody's"
            " name, address, telephone number or e-mail, and no other household's mark.",
            f"Nothing that was recorded after {second(asked.as_of, ZoneInfo(asked.timezone))} was"
            " looked at.",
        ),
        tables=(
            Table(
                columns=("Left out", "Why", "How many"),
                widths=(7, 8, 2),
                rows=tuple((each.what, each.why, str(each.count)) for each in pack.redactions),
            ),
        ),
    )


def _none(pack: Pack, none: str) -> str:
    if pack.question.household:
        return none
    return "Not looked for: the mark does not say whose case it is, and no household was named."


def _listed(heading: str, none: str, table: Table) -> Section:
    if not table.rows:
        return Section(heading=heading, paragraphs=(none,))
    return Section(heading=heading, tables=(table,))
