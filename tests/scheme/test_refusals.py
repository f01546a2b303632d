"""A file that does not fit is refused: which file and key, what was found, what is allowed."""

import pytest

from ledger.scheme.faults import SchemeError
from ledger.scheme.loading import parse
from tests.scheme.files import SMALLEST, rejected, rejected_with

VOUCHER = "products.day-voucher"


def test_the_smallest_file_is_accepted() -> None:
    assert rejected(SMALLEST) == ()


def test_a_fault_names_file_path_what_was_found_and_what_is_allowed() -> None:
    (fault,) = rejected_with({f"{VOUCHER}.price.pence": -5})

    assert fault == SchemeError(
        file="a.toml",
        path="products.day-voucher.price.pence",
        found="-5",
        allowed="a whole number from 0 to 10000000",
    )
    assert str(fault) == (
        "a.toml: products.day-voucher.price.pence: found -5; "
        "allowed: a whole number from 0 to 10000000"
    )


TYPE_FAULTS = [
    ("schema", 2, "schema", "2", "1"),
    ("schema", True, "schema", "true", "1"),
    ("id", "Not An Id", "id", '"Not An Id"', "an id: lower-case letters and digits"),
    ("id", "trailing\n", "id", '"trailing "', "an id: lower-case letters and digits"),
    ("council", 5, "council", "5", "a text of one line"),
    ("council", "two\nlines", "council", '"two lines"', "a text of one line"),
    ("status", "alive", "status", '"alive"', 'one of "live", "none", "proposed"'),
    ("effective_from", "2026-01-01", "effective_from", '"2026-01-01"', "a date such as"),
    ("colour", "red", "colour", "an unknown key", "one of the keys schema, id, council"),
    ("flow.offer_days", True, "flow.offer_days", "true", "a whole number from 0 to 3660"),
    ("flow.offer_days", 2.5, "flow.offer_days", "2.5", "a whole number from 0 to 3660"),
    ("flow.basket", 1, "flow.basket", "1", "true or false"),
    ("flow", "quick", "flow", '"quick"', "a table"),
    ("zones", {}, "zones", "{}", "a list"),
    ("zones.A.hours", [3], "zones.A.hours", "3", "a table"),
    (f"{VOUCHER}.kind", "voucher", f"{VOUCHER}.kind", '"voucher"', "one of "),
    (f"{VOUCHER}.pack.size", 0, f"{VOUCHER}.pack.size", "0", "a whole number from 1 to 1000000"),
    (f"{VOUCHER}.pack.sise", 2, f"{VOUCHER}.pack.sise", "an unknown key", "one of the keys size"),
    (f"{VOUCHER}.price.pence", 10**50, f"{VOUCHER}.price.pence", "a number of more", "a whole"),
    (f"{VOUCHER}.use.end", {"hours": 0}, f"{VOUCHER}.use.end", "a table", '"end_of_day"'),
    (f"{VOUCHER}.use.end", {"hours": 2, "days": 1}, f"{VOUCHER}.use.end", "a table", "{ hours"),
    (f"{VOUCHER}.use.end", {"hours": True}, f"{VOUCHER}.use.end", "a table", "{ hours"),
    (f"{VOUCHER}.use.end", {"next_day": "25:00"}, f"{VOUCHER}.use.end", "a table", "next_day"),
    (f"{VOUCHER}.channels", {"fax": {}}, f"{VOUCHER}.channels.fax", '"fax"', 'one of "app"'),
]


@pytest.mark.parametrize(("path", "value", "at", "found", "allowed"), TYPE_FAULTS)
def test_a_value_of_another_type_is_refused(
    path: str, value: object, at: str, found: str, allowed: str
) -> None:
    (fault,) = rejected_with({path: value})

    assert fault.path == at
    assert fault.found.startswith(found)
    assert allowed in fault.allowed


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('id = "smallest"', "id"),
        ('council = "A Council"', "council"),
        ("effective_from = 2026-01-01", "effective_from"),
        ('kind = "day_voucher"', f"{VOUCHER}.kind"),
        ('price = { model = "flat", pence = 100 }', f"{VOUCHER}.price"),
    ],
)
def test_a_required_key_that_is_missing_is_refused(line: str, path: str) -> None:
    (fault,) = rejected(SMALLEST.replace(line, "", 1))

    assert (fault.path, fault.found) == (path, "nothing")


AGREEMENT_FAULTS = [
    ({"timezone": "Europe/Nowhere"}, "timezone", "time zone database"),
    ({"timezone": "../secret"}, "timezone", "time zone database"),
    ({"replaces": "smallest"}, "replaces", "another scheme"),
    ({"status": "none"}, "products", "no products"),
    ({"products": []}, "products", "at least one product"),
    ({"view.default_months": 13}, "view.default_months", "at most the 12"),
    (
        {"view.history_months": 2, "view.default_months": 3},
        "view.default_months",
        "at most the 2",
    ),
    ({"proof.documents_required": 5}, "proof.documents_required", "at most the 4 documents"),
    (
        {"proof.documents": [{"type": "bill", "age_test": "less_than"}]},
        "proof.documents.max_age",
        '"less_than"',
    ),
    (
        {"proof.documents": [{"type": "bill", "age_test": "none", "max_age": "3m"}]},
        "proof.documents.max_age",
        "no age",
    ),
    (
        {"proof.documents": [{"type": "bill"}, {"type": "bill"}]},
        "proof.documents[2].type",
        "a different type",
    ),
    (
        {"eligibility": [{"rule": "built_on_or_after", "result": "refuse"}]},
        "eligibility.date",
        "a date",
    ),
    (
        {"vehicle_limits": [{"measure": "length_mm", "op": "in", "value": ["long"]}]},
        "vehicle_limits.value",
        "a number",
    ),
    (
        {"vehicle_limits": [{"measure": "class", "op": "ge", "value": 3}]},
        "vehicle_limits.value",
        "a list",
    ),
    (
        {"zones.A.hours": [{"days": "mon-fri", "from": "18:00", "to": "08:00"}]},
        "zones.A.hours.to",
        'after "from"',
    ),
    ({"fair_use.vouchers.flag_over": 10}, "fair_use.vouchers.products", "a list of products"),
    (
        {"order_groups.all": {"products": ["day-voucher", "ghost"], "max_units": 5}},
        "order_groups.all.products[2]",
        "day-voucher",
    ),
    (
        {"concessions": [{"id": "c", "products": ["ghost"], "pence": 0, "per": "unit"}]},
        "concessions.c.products",
        "day-voucher",
    ),
    (
        {"grants": [{"id": "g", "product": "ghost", "approver_role": "head"}]},
        "grants.g.product",
        "day-voucher",
    ),
    ({f"{VOUCHER}.requires_product": "ghost"}, f"{VOUCHER}.requires_product", "none to name"),
    ({f"{VOUCHER}.requires_product": "day-voucher"}, f"{VOUCHER}.requires_product", "none"),
    ({f"{VOUCHER}.zones_only": ["A", "C"]}, f"{VOUCHER}.zones_only[2]", "one of A, B"),
    ({f"{VOUCHER}.zones_excluded": ["C"]}, f"{VOUCHER}.zones_excluded", "one of A, B"),
    (
        {f"{VOUCHER}.zones_only": ["A"], f"{VOUCHER}.zones_excluded": ["A"]},
        f"{VOUCHER}.zones_excluded",
        "zones_only does not name",
    ),
    ({f"{VOUCHER}.allowance": [{}]}, f"{VOUCHER}.allowance.max", "placeholder = true"),
    (
        {f"{VOUCHER}.allowance": [{"max": 1}, {"max": 1, "zones": ["C"]}]},
        f"{VOUCHER}.allowance[2].zones",
        "one of A, B",
    ),
    (
        {f"{VOUCHER}.allowance": [{"max": 1}, {"max": 3, "unit": "unit", "zones": ["A"]}]},
        f"{VOUCHER}.allowance[2]",
        "one for each scope, window and unit",
    ),
    (
        {f"{VOUCHER}.allowance": [{"max": 1, "group": "g"}]},
        f"{VOUCHER}.allowance.group",
        "none to name",
    ),
    (
        {"allowance_groups.g.products": ["day-voucher"]},
        f"{VOUCHER}.allowance",
        "the group names the product",
    ),
    (
        {f"{VOUCHER}.holding": {"months_min": 3, "months_max": 2}},
        f"{VOUCHER}.holding.months_min",
        "at most the 2",
    ),
    ({f"{VOUCHER}.holding": {"months_min": 3}}, f"{VOUCHER}.holding.months_max", "the other"),
    (
        {f"{VOUCHER}.holding": {"months": 12, "months_min": 1, "months_max": 18}},
        f"{VOUCHER}.holding.months",
        "months, or months_min",
    ),
    ({f"{VOUCHER}.holding.months": 0}, f"{VOUCHER}.holding.months", "a whole number from 1"),
    ({f"{VOUCHER}.pack": {"min": 3, "max": 2}}, f"{VOUCHER}.pack.min", "at most the 2 packs"),
    (
        {f"{VOUCHER}.pack": {"max": 2, "multiple": 5}},
        f"{VOUCHER}.pack.multiple",
        "at most the 2 packs",
    ),
    ({f"{VOUCHER}.kind": "hourly_voucher"}, f"{VOUCHER}.use.end", "{ hours = n }"),
    ({f"{VOUCHER}.use.start": "clock"}, f"{VOUCHER}.use.end", '"clock"'),
    ({f"{VOUCHER}.use.end": "until_switched"}, f"{VOUCHER}.use.end", '"on_switch"'),
    ({f"{VOUCHER}.channels": {}}, f"{VOUCHER}.channels", "at least one channel"),
    (
        {f"{VOUCHER}.channels": {"text": {"max_days": 3}}},
        f"{VOUCHER}.channels.text.max_days",
        "future",
    ),
    (
        {f"{VOUCHER}.vehicles": {"active_max": 3, "listed_max": 2}},
        f"{VOUCHER}.vehicles.active_max",
        "at most the 2",
    ),
]


def test_each_zone_may_have_its_own_cap() -> None:
    """Two caps alike are one too many only where both would count a purchase (X-050)."""
    caps = [{"max": 1, "zones": ["A"]}, {"max": 3, "zones": ["B"]}]
    other = {"max": 9, "window": "calendar_month"}

    assert rejected_with({f"{VOUCHER}.allowance": [*caps, other]}) == ()


@pytest.mark.parametrize(("replacements", "path", "allowed"), AGREEMENT_FAULTS)
def test_values_that_do_not_agree_are_refused(
    replacements: dict[str, object], path: str, allowed: str
) -> None:
    faults = {fault.path: fault for fault in rejected_with(replacements)}

    assert path in faults
    assert allowed in faults[path].allowed


def test_an_id_that_occurs_twice_is_refused() -> None:
    twice = SMALLEST + SMALLEST[SMALLEST.index("[[products]]") :] + '[[zones]]\nid = "A"\n'

    faults = rejected(twice)

    assert [(fault.path, fault.found) for fault in faults] == [
        ("zones.A.id", '"A" a second time'),
        ("products.day-voucher.id", '"day-voucher" a second time'),
    ]


def test_every_fault_of_a_file_is_reported_at_once() -> None:
    faults = rejected_with(
        {
            "council": 7,
            "timezone": "Nowhere",
            "zones.B.id": "!",
            f"{VOUCHER}.price.pence": -1,
            f"{VOUCHER}.use.start": "soon",
            f"{VOUCHER}.holding.monts": 6,
            f"{VOUCHER}.zones_only": ["Z"],
            "grants": [{"id": "g", "product": "ghost", "approver_role": "head"}],
        }
    )

    assert sorted(fault.path for fault in faults) == [
        "council",
        "grants.g.product",
        "products.day-voucher.holding.monts",
        "products.day-voucher.price.pence",
        "products.day-voucher.use.start",
        "products.day-voucher.zones_only",
        "timezone",
        "zones.!.id",
    ]


@pytest.mark.parametrize(
    "text",
    ["schema = ", "a = 1\na = 2", "[" * 5_000, "x = " + "[" * 5_000, "x = " + "9" * 5_000, "\x00"],
)
def test_a_text_that_is_not_toml_is_refused_with_its_file(text: str) -> None:
    (fault,) = rejected(text)

    assert (fault.file, fault.path) == ("a.toml", "")
    assert fault.allowed == "a file in TOML, in UTF-8"


def test_an_instant_without_an_offset_is_refused() -> None:
    (fault,) = rejected("effective_at = 2026-01-01T09:00:00\n" + SMALLEST)

    assert fault.path == "effective_at"
    assert "with its offset" in fault.allowed


def test_an_instant_on_another_day_than_the_edition_is_refused() -> None:
    (fault,) = rejected("effective_at = 2026-01-02T09:00:00Z\n" + SMALLEST)

    assert fault.path == "effective_at"


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_edition_begins_within_living_memory(year: str) -> None:
    (fault,) = rejected(SMALLEST.replace("2026", year))

    assert (fault.path, fault.allowed) == ("effective_from", "a year from 1900 to 2199")


def test_a_scheme_of_status_none_has_no_products() -> None:
    text = SMALLEST[: SMALLEST.index("[[products]]")].replace('"live"', '"none"')

    assert parse(text, "a.toml").scheme.products == ()
