"""A scheme in words, and what changes between two: the sentences a resident would read.

Source: issue "Every scheme"; the rules named at each council.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import structs

from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in, load, parse
from ledger.scheme.measures import UseEnd
from ledger.scheme.schema import Scheme
from replay.schemes import checking
from replay.schemes.differing import differences
from replay.schemes.finding import named, with_file
from replay.schemes.leaves import leaves, put
from replay.schemes.showing import shown, text
from replay.schemes.words import counted, listed, money, months, weekdays
from tests.scheme.files import SCHEMES


def said(scheme: str, heading: str) -> tuple[str, ...]:
    """The sentences under a heading of a scheme file."""
    (section,) = [each for each in shown(scheme_of(scheme)).sections if each.heading == heading]
    return section.sentences


def scheme_of(name: str, values: Mapping[str, object] | None = None) -> Scheme:
    file = built_in().file_of(name)
    return parse(file.text, file.file, values or {}).scheme


def changes(scheme: str, values: Mapping[str, object]) -> list[str]:
    """What is said to change where a scheme's values are replaced."""
    return [each.words for each in differences(scheme_of(scheme), scheme_of(scheme, values))]


def test_a_set_of_vouchers_that_are_booked_is_told_whole():
    """Stevenage's virtual vouchers (STV-014 to 037, STV-077, STV-087, STV-093, STV-107 to 110)."""
    assert said("stevenage", "Virtual Visitor Vouchers") == (
        "It is virtual: there is nothing to display.",
        "It is for addresses in zone OT (Old Town).",
        "It costs £10 for a set of 20.",
        "You buy 1 set (20 vouchers) at a time.",
        "There is no limit to how many you can have.",
        "It lasts 12 months from the day you choose, to the end of that month."
        " It ends when you move out.",
        "One voucher covers a vehicle from its start to 23:59 the same day.",
        "You book on the website for now or any day ahead.",
        "You can use as many at the same time as you hold.",
        "You can change its vehicle or cancel it before its start; a cancelled voucher comes back.",
        "It is for any visitor's vehicle, named when it is used.",
        "Refunds: no money is given back.",
        "You get an email when it is issued and (unless you turn it off) an email when you book.",
    )


def test_a_permit_for_listed_vehicles_is_told_whole():
    """Gravesham's permit (GRV-006, GRV-007, GRV-009, GRV-016 to 018)."""
    told = said("gravesham", "PPA Visitors Permit")

    assert "It costs £15 for each permit." in told
    assert "You can have at most 1 permit for each household at any one time." in told
    assert (
        "The permit covers a vehicle from the moment you make it the active one until you switch"
        " to another." in told
    )
    assert (
        "It is for up to 99 vehicles on its list, of which one is active at a time; the first one"
        " listed is active at once; the active one cannot be taken off." in told
    )
    assert any(each.startswith("It is for addresses in zones H01, M01, M02") for each in told)
    assert said("gravesham", "Applying") == (
        "How it goes: you apply with your proof, the council makes an offer, you pay, and then"
        " have it. The council aims to decide within 2 working days. What you paid is given back"
        " when you are refused.",
    )


def test_each_channel_says_how_far_ahead_it_books():
    """Hampshire: fourteen days ahead, by text for now (HAN-021, HAN-026, HAN-031)."""
    told = said("hampshire", "Visitor Permits")

    assert (
        "You book on the website, in the app or by phone for now or up to 14 days ahead; by text"
        " message for now only, from the confirmation on." in told
    )
    assert "Text VISITOR and the registration mark to 61600." in said("hampshire", "Applying")


def test_a_sample_amount_is_said_to_be_one():
    """A placeholder is never read as the council's price (X-041)."""
    assert (
        "It costs £12 for a set of 10 (a sample amount: the council's own is not known)."
        in said("hampshire", "Visitor Permits")
    )
    assert "It costs an amount that is not known yet." in said("bath", "Hourly e-permit")


def test_a_clock_permit_says_its_limit_its_clock_and_its_return():
    """Norwich's short stay (NOR-060 to 078, NOR-160, NOR-164)."""
    told = said("norwich-2015", "Short Stay visitor permit")

    assert "It costs £10 and 75p a month for each permit, for 1 to 18 months." in told
    assert "One stay is at most 4 hours." in told
    assert "The same vehicle may not come back to the zone within 4 hours after it left." in told
    assert any(each.startswith("The parking clock is set on arrival, rounded") for each in told)
    assert "You apply on the website or by post." in told


def test_a_scratchcard_says_its_tail_its_packs_and_its_yearly_limit():
    """Norwich's day scratchcard (NOR-007, NOR-008, NOR-086, NOR-088)."""
    told = said("norwich-2015", "Day scratchcard")

    assert "It costs £1 for each scratchcard." in told
    assert "You buy sets of 10 scratchcards, at most 6 sets (60 scratchcards) at a time." in told
    assert "You can have at most 60 scratchcards for each household in any 12 months." in told
    assert (
        "One scratchcard covers a vehicle on its date and until 10:00 the next morning; only its"
        " date has to be before the last day is over." in told
    )


def test_who_is_eligible_and_what_cannot_park_is_told():
    """Norwich: new homes (NOR-123 to 127), long and heavy vehicles (NOR-141, NOR-142)."""
    assert said("norwich-2015", "Who can apply")[0] == (
        "Homes in city centre and castle built on or after 1 January 2000 are not eligible."
    )
    assert said("norwich-2015", "Vehicles") == (
        "Vehicles with an unladen mass of more than 3,500 kg are not covered.",
        "Vehicles with a length of more than 6 m are not covered.",
    )
    assert said("norwich-2015", "Zones and hours") == (
        "Zone CENTRE (City centre): a permit is needed at all times.",
        "Zone OUTER (Outer area): a permit is needed Monday to Saturday 08:00 to 18:30.",
        "Zone UEA (Around the university): a permit is needed Monday to Friday 10:00 to 16:00.",
    )


def test_a_price_ladder_a_reduced_price_and_an_order_limit_are_told():
    """Windsor and Maidenhead (RBW-026, RBW-042 to 051, RBW-053)."""
    told = said("windsor-maidenhead", "Visitor Permit")

    assert (
        "It costs £100 for the first permit, £150 for the second permit and £220 for the third"
        " permit of a household at the same time, and you say which one it is when you apply."
        in told
    )
    assert (
        "You can have at most 1 permit for each resident at any one time and at most 3 permits for"
        " each household at any one time." in told
    )
    assert said("windsor-maidenhead", "Reduced prices") == (
        "Visitor Voucher, 2 hours, Visitor Voucher, 6 hours and Visitor Voucher, 24 hours: 50p each"
        " for residents aged 67 or over and with Council Tax Support, with evidence each time.",
    )
    assert any(
        "at most 25 in one order" in each for each in said("windsor-maidenhead", "Bought together")
    )


@pytest.mark.parametrize(
    ("scheme", "heading", "sentence"),
    [
        (
            "bristol",
            "Day permit",
            "It is free for each of the first 50 permits and £1 for each of the next 50 permits"
            " that a household buys in 12 months.",
        ),
        (
            "oxford",
            "Day permit",
            "It is free for the first set of 25 and £16 for the next set of 25 that a household"
            " buys in 12 months.",
        ),
        (
            "chester",
            "Two hour permit",
            "You can have at most 1 set for each household in a calendar month, together with Day"
            " permit.",
        ),
        ("cambridge", "Five day permit", "It is for the one vehicle named when you apply."),
        (
            "winchester",
            "Day permit",
            "You can have at most 2 sets of 10 for each household in any 12 months.",
        ),
        ("ipswich", "One hour clock permit", "You first need: Own vehicle permit in force."),
        (
            "st-albans",
            "Four hour voucher",
            "One voucher covers a vehicle for 4 hours from the time scratched on it.",
        ),
        (
            "edinburgh",
            "This scheme",
            "This council has no scheme for visitors: every application is refused.",
        ),
    ],
)
def test_other_councils_are_told_from_their_data(scheme: str, heading: str, sentence: str):
    """Pools (X-086), shared caps (X-084), prerequisites (X-092), no scheme at all (X-093)."""
    assert sentence in said(scheme, heading)


@pytest.mark.parametrize("scheme", built_in().ids)
def test_every_scheme_is_told_without_a_key_or_a_hole(scheme: str):
    """No underscore of a key, no None, no doubled space, every sentence with its full stop."""
    told = shown(scheme_of(scheme))
    page = text(told)

    assert told.edition in page
    for product in scheme_of(scheme).products:
        assert f"\n{product.name}\n" in page
    for section in told.sections:
        for sentence in section.sentences:
            assert sentence.endswith(".")
            assert not any(bad in sentence for bad in ("_", "None", "  ", "..", " ,"))
            assert sentence[0] == sentence[0].upper()


def test_the_editions_of_norwich_differ_in_what_was_changed():
    """From the draft to the scheme: the limit of a stay doubled, cards cost the same everywhere."""
    found = [each.words for each in differences(named("norwich-2014-july"), named("norwich-2015"))]

    assert found[:2] == [
        "Short Stay visitor permit: the limit of one stay changes from 2 hours to 4 hours",
        "Short Stay visitor permit: how long a vehicle stays away changes from 2 hours after it"
        " left to 4 hours after it left",
    ]
    assert "Long Stay care permit is new" in found
    assert all("norwich" not in each for each in found)


def test_a_value_with_words_changes_in_words():
    assert changes("stevenage", {"products.virtual-visitor-vouchers.price.pence": 1250}) == [
        "Virtual Visitor Vouchers: the price changes from £10 for a set of 20 to £12.50 for a set"
        " of 20"
    ]
    assert changes("norwich-2015", {"products.day-scratchcard.use.end": {"next_day": "09:00"}}) == [
        "Day scratchcard: what one scratchcard covers changes from its date and until 10:00 the"
        " next morning to its date and until 09:00 the next morning"
    ]
    assert changes("gravesham", {"flow.target_working_days": 3}) == [
        "the scheme: how it goes changes from the council aims to decide within 2 working days to"
        " the council aims to decide within 3 working days"
    ]
    assert changes("norwich-2015", {"concessions.means-tested.pence": 500}) == [
        "reduced price means-tested changes from Short Stay visitor permit: free for residents with"
        " a benefit on the council's list, with evidence each time to Short Stay visitor permit: £5"
        " in all for residents with a benefit on the council's list, with evidence each time"
    ]


def test_a_value_without_words_changes_by_its_path():
    """Nothing that differs is left out, however technical."""
    assert changes("stevenage", {"calendar.missing_day": "last"}) == [
        'the scheme: calendar changes from {"missing_day":"next","gap":"reject","fold":"first"} to'
        ' {"missing_day":"last","gap":"reject","fold":"first"}'
    ]
    assert changes(
        "stevenage",
        {"products.virtual-visitor-vouchers.allowance": []}
        | {"products.virtual-visitor-vouchers.vehicles.preferred": 2},
    ) == [
        "Virtual Visitor Vouchers: products.virtual-visitor-vouchers.vehicles.preferred changes"
        " from 1 to 2"
    ]


def test_a_value_without_words_is_told_beside_one_with_words():
    """Both are of `vehicles`: the words of one do not hide the other."""
    key = "products.visitors-permit.vehicles"

    assert changes("gravesham", {f"{key}.listed_max": 50, f"{key}.preferred": 3}) == [
        "PPA Visitors Permit: which vehicles changes from up to 99 vehicles on its list, of which"
        " one is active at a time to up to 50 vehicles on its list, of which one is active at a"
        " time",
        "PPA Visitors Permit: products.visitors-permit.vehicles.preferred changes from 1 to 3",
    ]


@pytest.mark.parametrize("scheme", built_in().ids)
def test_no_scheme_differs_from_itself(scheme: str):
    assert differences(scheme_of(scheme), scheme_of(scheme)) == ()


def test_every_single_value_that_is_replaced_is_told():
    """Each leaf of each product of a scheme with most keys, changed alone, is one difference."""
    scheme = scheme_of("norwich-2015")
    for n, product in enumerate(scheme.products):
        for path, value in leaves(product).items():
            other = _other(value)
            if path == ("id",) or other is None:
                continue
            changed = put(product, path, other)
            products = (*scheme.products[:n], changed, *scheme.products[n + 1 :])
            found = differences(scheme, structs.replace(scheme, products=products))
            assert len(found) == 1, (path, value, other)


def _other(value: object) -> object:
    """Another value of the same type, where one can be told without the schema."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case UseEnd(kind="hours", hours=hours):
            return UseEnd(kind="hours", hours=hours + 1)
        case _:
            return None


def test_a_scheme_is_found_by_id_by_edition_and_by_file():
    edition = scheme_of("york").edition

    assert named("york") == named(edition) == named(str(SCHEMES / "york.toml"))


def test_a_file_takes_the_place_of_the_programs_own(tmp_path: Path):
    """Editions that begin no earlier make way; earlier ones stay, for holdings sold under them."""
    file = tmp_path / "york.toml"
    original = built_in().file_of("york").text
    file.write_text(original.replace("pence = 500", "pence = 600"))

    taken = with_file(built_in(), load(file))

    assert taken.scheme("york").products[0].price.pence == 600
    assert len(taken.editions("york").ordered) == 1
    file.write_text(original.replace("2013-10-01", "2026-04-01"))
    assert len(with_file(built_in(), load(file)).editions("york").ordered) == 2


def test_a_check_tells_every_fault_with_what_is_allowed(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text('schema = 1\nid = "Mine"\n')

    found = checking.checked(file)

    assert found.scheme is None
    assert any(
        each.startswith('mine.toml: id: found "Mine"; allowed: an id') for each in found.faults
    )
    assert len(found.faults) > 3
    with pytest.raises(SchemeRejected):
        named(str(file))


def test_examples_are_those_that_name_the_scheme(tmp_path: Path):
    folder = tmp_path / "tests" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text('[[scenario]]\nscheme = "york"\n')
    (folder / "b.toml").write_text('[[scenario]]\nscheme = "bath"\n')
    (folder / "c.toml").write_text("not = ")
    beside = tmp_path / "schemes"
    beside.mkdir()

    assert checking.folders(beside / "york.toml") == [folder]
    found = checking.examples([folder], "york")
    assert [each.name for each in found] == ["a.toml", "c.toml"]
    assert checking.examples([folder / "b.toml"], "york") == []


def test_the_small_words():
    assert [money(n) for n in (0, 75, 100, 150, 1005, 123456)] == [
        "free",
        "75p",
        "£1",
        "£1.50",
        "£10.05",
        "£1,234.56",
    ]
    assert [counted(n, "card") for n in (0, 1, 2, 1000)] == [
        "0 cards",
        "1 card",
        "2 cards",
        "1,000 cards",
    ]
    assert [listed(each) for each in ((), ("A",), ("A", "B"), ("A", "B", "C"))] == [
        "",
        "A",
        "A and B",
        "A, B and C",
    ]
    assert months(12, 12) == "12 months"
    assert weekdays((0, 2)) == "Monday and Wednesday"
    assert weekdays((0, 1, 2, 3, 4, 5, 6)) == "every day"
