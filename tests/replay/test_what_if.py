"""What real households asked for, asked again under terms that are only proposed.

Source: issue "Replay", item 7; reference/enforcement-and-evidence.md, D19.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from commands.registry import BY_TAG
from ledger.scheme.editions import in_order
from ledger.scheme.loading import built_in
from replay.what_if.figures import Figures, band, share
from replay.what_if.proposals import Proposal
from replay.what_if.replaying import Sums, replayed, setting, summed
from replay.what_if.requests import AS_RECORDED, REQUESTS
from replay.what_if.wording import reason
from services.council import working_days
from tests.given import editions_of, instant
from tests.replay.town import DAYS, town
from tests.replay.what_if_home import DAYS as DAYS_OFF
from tests.replay.what_if_home import EXAMPLES, Home, overlay, proposing

__all__ = ["overlay"]


def again(homes: Sequence[Home], *files: Path, begins: str = "2025-01-01") -> Sums:
    """What these households come to under these proposals."""
    asked = proposing(*files, begins=begins)
    return summed((home.lived for home in homes), asked, lambda read: None)


def only(sums: Sums) -> Figures:
    (figures,) = sums.figures
    return figures


def reasons(figures: Figures) -> dict[str, int]:
    return {lost.reason: n for lost, n in figures.refused.items()}


@pytest.mark.parametrize("council", sorted(DAYS))
def test_every_act_is_decided_again_as_it_was_under_the_terms_it_had(database: str, council: str):
    """The self-check: what the ledger holds is enough to ask for the very same facts again."""
    with town(database, council) as lived:
        for _ in DAYS[council](lived):
            pass
        asked = setting(
            lived.council.editions,
            working_days(),
            [],
            lived.council.editions.latest.begins_at,
            lived.now.replace(year=2030),
        )
        seen = replayed(lived.council.ledger, asked, lambda read, whole: None).seen

    assert seen.check.acts > 8
    assert seen.check.differing == ()
    assert seen.check.acts == seen.check.accepted == seen.check.same
    assert not seen.not_asked


def test_an_act_that_is_not_decided_as_it_was_is_listed_not_hidden(overlay):
    """The terms of the ledger changed beneath it: the check names household, version and act."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 20)
    asked = proposing(overlay("products.day-scratchcard.pack.max = 1\n"))
    (changed,) = asked.proposed

    check = summed(
        [home.lived],
        type(asked)(begins=asked.begins, ends=asked.ends, terms=changed, proposed=()),
        lambda read: None,
    ).seen.check

    assert (check.acts, check.accepted) == (3, 2)
    (first,) = (each for each in check.differing if each.command == "apply_for_permit")
    assert first.household_id == str(home.stream)
    assert first.now == "purchase.above_maximum"


def test_under_unchanged_terms_nothing_is_refused_and_the_income_is_the_same(overlay):
    """A proposal that repeats a value of the scheme changes nothing."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 20)
    home.buy("2025-02-02 10:00", "short-stay", months=12)
    home.card("2025-03-01 10:00")
    home.stay("2025-03-02 10:00", "2025-03-02 13:00")

    sums = again([home], overlay("products.day-scratchcard.allowance.max = 60\n"))

    figures = only(sums)
    assert sums.seen.now.pence == figures.till.pence == 2000 + 1000 + 12 * 75
    assert sums.seen.now.sold == figures.till.sold
    assert (sum(figures.purchases.values()), sum(figures.visits.values())) == (2, 2)
    assert sum(map(len, (figures.refused, figures.lost, figures.shorter, figures.other))) == 0
    assert figures.hit == {"0": 1}
    assert figures.paying == {"same": 1}


@pytest.mark.parametrize(("most", "refused"), [(30, 0), (29, 1), (20, 1), (19, 2)])
def test_a_lower_cap_refuses_the_purchases_that_pass_it(overlay, most: int, refused: int):
    """Twenty cards and then ten in the same twelve months (NOR-088): at the cap, and over it."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 20)
    home.buy("2025-06-01 10:00", "day-scratchcard", 10)

    figures = only(again([home], overlay(f"products.day-scratchcard.allowance.max = {most}\n")))

    # With nineteen the first is refused, and the second is then within the allowance.
    expected = min(refused, 1)
    assert sum(figures.refused.values()) == expected
    assert reasons(figures) == ({"allowance.exceeded": 1} if expected else {})
    assert figures.till.pence == {30: 3000, 29: 2000, 20: 2000, 19: 1000}[most]


def test_visits_on_cards_that_were_refused_are_lost(overlay):
    """The dependents of a refusal are lost with it, and no purchase is counted twice."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 10)
    home.buy("2025-06-01 10:00", "day-scratchcard", 10)
    for day in range(1, 16):
        assert home.card(f"2025-07-{day:02d} 10:00")

    figures = only(again([home], overlay("products.day-scratchcard.allowance.max = 10\n")))

    assert reasons(figures) == {"allowance.exceeded": 1}
    assert {lost.reason: n for lost, n in figures.lost.items()} == {"booking.no_units": 5}
    assert sum(figures.visits.values()) == 15
    assert figures.hit == {"1": 1}
    assert figures.losing == {"up to half": 1}
    assert figures.affected == {"CENTRE": 1}
    assert figures.paying == {"less": 1}


def test_a_shorter_stay_covers_a_part_of_the_visits_that_lasted_longer():
    """Two hours in place of four (NOR-014, NOR-064): from 10:00, to 12:00; who left sooner loses
    nothing.
    """
    home = Home()
    home.buy("2025-02-01 10:00", "short-stay", months=12)
    home.stay("2025-03-02 10:00", "2025-03-02 11:59", "AA11AAA")
    home.stay("2025-03-03 10:00", "2025-03-03 12:00", "BB22BBB")
    home.stay("2025-03-04 10:00", "2025-03-04 13:30", "CC33CCC")

    figures = only(again([home], EXAMPLES / "two-hours.toml"))

    assert sum(figures.visits.values()) == 3
    assert sum(figures.shorter.values()) == 1
    assert sum(figures.minutes.values()) == 90
    assert not figures.lost
    assert figures.affected == {"CENTRE": 1}


def test_a_stay_whose_departure_nobody_recorded_is_not_measured():
    """It may have been short: it is counted apart, and not as shorter."""
    home = Home()
    home.buy("2025-02-01 10:00", "short-stay", months=12)
    home.stay("2025-03-02 10:00", "2025-03-02 13:00")
    home.facts.pop()

    figures = only(again([home], EXAMPLES / "two-hours.toml"))

    assert figures.unknown == 1
    assert not figures.shorter


def test_prices_by_zone_change_the_income_of_their_zones_alone():
    """50p outside the centre, £1 in it (NOJ-005, NOJ-006)."""
    centre, outer = Home(1, "CENTRE"), Home(2, "OUTER")
    for home in (centre, outer):
        home.buy("2025-02-01 10:00", "day-scratchcard", 20)

    sums = again([centre, outer], EXAMPLES / "fifty-pence.toml")

    by_zone = {place.zone: sold.pence for place, sold in only(sums).till.sold.items()}
    assert by_zone == {"CENTRE": 2000, "OUTER": 1000}
    assert {place.zone: sold.pence for place, sold in sums.seen.now.sold.items()} == {
        "CENTRE": 2000,
        "OUTER": 2000,
    }
    assert only(sums).paying == {"same": 1, "less": 1}


def test_what_the_proposal_does_not_sell_is_no_longer_sold_and_counted(overlay):
    """A whole scheme without one of the products."""
    home = Home()
    home.buy("2025-02-01 10:00", "short-stay", months=12)
    home.buy("2025-02-02 10:00", "day-scratchcard", 10)
    home.stay("2025-03-02 10:00", "2025-03-02 11:00")
    text = built_in().file_of("norwich-2015").text
    before, products = text.split("[[products]]", 1)
    short, rest = products.split("[[products]]", 1)
    assert 'id = "short-stay"' in short
    concession = before[before.index("[[concessions]]") : before.index("[[grants]]")]
    whole = overlay(before.replace(concession, "") + "[[products]]" + rest, "without.toml")

    figures = only(again([home], whole))

    assert reasons(figures) == {"eligibility.product_not_offered": 1}
    assert reason("eligibility.product_not_offered") == "no longer sold"
    assert {lost.reason for lost in figures.lost} == {"permit.not_in_force"}
    assert figures.till.pence == 1000


def test_what_was_bought_before_the_period_keeps_its_terms():
    """A permit of four hours stays one of four hours (X-060), and counts against a new cap."""
    home = Home()
    home.buy("2025-02-01 10:00", "short-stay", months=12)
    home.buy("2025-02-01 11:00", "day-scratchcard", 10)
    home.stay("2025-03-04 10:00", "2025-03-04 13:30")
    home.buy("2025-03-05 11:00", "day-scratchcard", 10)

    files = (EXAMPLES / "two-hours.toml", EXAMPLES / "fifteen-cards.toml")
    hours, cards = again([home], *files, begins="2025-03-01").figures

    assert not hours.shorter
    assert sum(hours.visits.values()) == 1
    assert reasons(cards) == {"allowance.exceeded": 1}


def test_a_proposal_holds_to_the_end_whatever_editions_came_in_the_period():
    """Cards at £2 from June 2025 on: under the proposal they are 50p all the time."""
    first = editions_of("norwich-2015").latest
    dearer = editions_of("norwich-2015", {"products.day-scratchcard.price.pence": 200}).latest
    cheaper = editions_of("norwich-2015", {"products.day-scratchcard.price.pence": 50}).latest
    under = in_order([first]).with_edition(dearer, instant("2025-06-01 00:00"))
    home = Home(under=under)
    home.buy("2025-02-01 10:00", "day-scratchcard", 10)
    home.buy("2025-07-01 10:00", "day-scratchcard", 10)
    made = Proposal(title="p", file="p", scheme=cheaper, changes=(), warnings=())
    begins, ends = (instant(f"{year}-01-01 00:00") for year in (2025, 2027))

    sums = summed([home.lived], setting(under, DAYS_OFF, [made], begins, ends), lambda read: None)

    assert sums.seen.check.same == sums.seen.check.acts
    assert sums.seen.now.pence == 1000 + 2000
    assert only(sums).till.pence == 500 + 500


def test_a_wider_cap_shows_what_was_refused_then_and_counts_it_apart(overlay):
    """Asked for in vain twice, it counts once, and in no other figure."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 60)
    assert not home.buy("2025-03-01 10:00", "day-scratchcard", 20)
    assert not home.buy("2025-04-01 10:00", "day-scratchcard", 20)
    assert not home.card("2025-04-02 10:00", "NOT A MARK AT ALL")

    files = (
        overlay("products.day-scratchcard.allowance.max = 80\n", "eighty.toml"),
        overlay("products.day-scratchcard.allowance.max = 79\n", "less.toml"),
    )
    sums = again([home], *files)

    eighty, less = sums.figures
    assert (eighty.wider.pence, eighty.wider_households) == (2000, 1)
    assert (less.wider.pence, less.wider_households) == (0, 0)
    assert eighty.till.pence == less.till.pence == sums.seen.now.pence == 6000
    assert (sums.seen.check.attempts, sums.seen.check.refused) == (2, 2)
    assert sums.seen.attempts_not_asked == {"use_card": 1}


def test_what_becomes_free_needs_no_payment_and_what_gets_a_price_is_paid(overlay):
    """Steps that only one of the terms knows are left out, or taken at once."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 10)
    home.card("2025-02-02 10:00")
    free = overlay("products.day-scratchcard.price.pence = 0\n", "free.toml")

    figures = only(again([home], free))

    assert figures.till.pence == 0
    assert sum(map(len, (figures.refused, figures.lost, figures.other))) == 0
    assert sum(sold.units for sold in figures.till.sold.values()) == 10


def test_a_decision_that_only_the_proposal_asks_for_is_made_in_favour(overlay):
    """Paid, then decided: nothing is left waiting for an office that was never asked."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 10)

    figures = only(again([home], overlay('flow.kind = "pay_decide_post"\n')))

    assert figures.till.pence == 1000
    assert not figures.refused


def test_a_proof_that_was_shown_for_what_is_refused_serves_the_next_application(overlay):
    """The address was proved once; the household would have proved it with the next one."""
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 20)
    home.buy("2025-06-01 10:00", "day-scratchcard", 10)

    figures = only(again([home], overlay("products.day-scratchcard.allowance.max = 10\n")))

    assert sum(figures.refused.values()) == 1
    assert figures.till.pence == 1000


@pytest.mark.parametrize(
    ("values", "pence"),
    [
        ({}, {"means-tested": 0, "": 1900}),
        ({"concessions.means-tested.pence": 500}, {"means-tested": 500, "": 1900}),
        ({"concessions": []}, {"": 1900 + 1900}),
    ],
)
def test_a_reduced_price_is_counted_apart_and_one_that_is_gone_is_not_claimed(
    values: dict[str, object], pence: dict[str, int]
):
    """Free to those on a listed benefit (NOR-005): then at another price, then at none."""
    benefits = {"concessions.means-tested.benefits": ["pension"]}
    under = editions_of("norwich-2015", benefits)
    one, other = Home(1, under=under), Home(2, under=under)
    one.buy("2025-02-01 10:00", "short-stay", months=12, concession="means-tested", evidence=True)
    other.buy("2025-02-01 10:00", "short-stay", months=12)
    scheme = editions_of("norwich-2015", values if "concessions" in values else benefits | values)
    made = Proposal(title="p", file="p", scheme=scheme.latest, changes=(), warnings=())
    begins, ends = (instant(f"{year}-01-01 00:00") for year in (2025, 2027))
    asked = setting(under, DAYS_OFF, [made], begins, ends)

    sums = summed([one.lived, other.lived], asked, lambda read: None)

    figures = only(sums)
    assert {place.concession: n.pence for place, n in figures.till.sold.items()} == pence
    assert {place.concession: n.pence for place, n in sums.seen.now.sold.items()} == {
        "means-tested": 0,
        "": 1900,
    }
    assert {place.concession for place in figures.purchases} == {"means-tested", ""}
    assert not figures.refused


def test_the_sums_do_not_depend_on_the_order_of_the_households():
    """Households are independent, and every figure is a sum."""
    homes = []
    for n in range(1, 7):
        home = Home(n, ("CENTRE", "OUTER", "UEA")[n % 3])
        for month in range(1, n + 1):
            home.buy(f"2025-{month:02d}-01 10:00", "day-scratchcard", 10)
            home.card(f"2025-{month:02d}-02 10:00")
        homes.append(home)
    files = sorted(EXAMPLES.glob("*.toml"))

    assert again(homes, *files) == again(homes[::-1], *files)


def test_no_command_that_names_a_product_or_a_vehicle_is_left_out():
    """A new use of a permit is not forgotten; what is known of a vehicle itself is no use of it."""
    others = BY_TAG.keys() - REQUESTS.keys() - AS_RECORDED - {"record_vehicle_facts"}

    assert {n for n in others if {"product", "vehicle"} & set(BY_TAG[n].__struct_fields__)} == set()
    assert REQUESTS.keys() <= BY_TAG.keys()


@pytest.mark.parametrize(
    ("refused", "expected"), [(0, "0"), (1, "1"), (2, "2-5"), (5, "2-5"), (6, "6+"), (40, "6+")]
)
def test_refused_purchases_fall_in_bands(refused: int, expected: str):
    assert band(refused) == expected


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (0, "none"),
        (2, "up to a quarter"),
        (3, "up to half"),
        (4, "up to half"),
        (5, "more than half"),
        (7, "more than half"),
        (8, "every one"),
    ],
)
def test_lost_visits_fall_in_shares(lost: int, expected: str):
    assert share(lost, 8) == expected
