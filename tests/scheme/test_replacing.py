"""Values of a scheme replaced by path, as a scenario's `set` does it."""

import pytest

from ledger.scheme.loading import parse
from ledger.scheme.schema import Scheme
from tests.scheme.files import SMALLEST, rejected_with

MARKED = SMALLEST.replace(
    "pence = 100 }",
    "pence = 0, placeholder = true }\nallowance = [ { max = 5, placeholder = true } ]\n"
    "replacement = { allowed = true, fee_pence = 0, fee_placeholder = true }",
)


def with_values(replacements: dict[str, object], text: str = SMALLEST) -> Scheme:
    return parse(text, "a.toml", replacements).scheme


def test_an_entry_of_a_list_is_named_by_its_id() -> None:
    scheme = with_values({"products.day-voucher.pack.size": 3, "zones.B.name": "Bee"})

    assert [product.pack.size for product in scheme.products] == [3]
    assert [zone.name for zone in scheme.zones] == ["A", "Bee"]


def test_the_first_entry_is_meant_where_entries_have_no_id() -> None:
    scheme = with_values({"products.day-voucher.allowance.max": 9}, MARKED)

    assert [cap.max for cap in scheme.products[0].allowance] == [9]


def test_a_table_that_the_file_is_silent_about_can_be_set() -> None:
    assert with_values({"view.page_size": 10}).view.page_size == 10


def test_an_id_that_is_new_adds_a_copy_before_other_values_are_set() -> None:
    scheme = with_values(
        {
            "products.care-voucher.pack.size": 5,
            "products.day-voucher.pack.size": 2,
            "products.care-voucher": "day-voucher",
        }
    )

    assert [(each.id, each.pack.size) for each in scheme.products] == [
        ("day-voucher", 2),
        ("care-voucher", 5),
    ]


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("products.ghost.pack.size", 3, 'no entry "ghost"'),
        ("products.care-voucher", "ghost", '"ghost"'),
        ("products.care-voucher", 5, "5"),
        ("products.day-voucher", "day-voucher", 'an entry "day-voucher" already there'),
        ("council.name", "x", '"A Council"'),
        ("council.name.first", "x", '"A Council"'),
        ("", "x", "an empty part of the path"),
        ("flow..basket", True, "an empty part of the path"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, value: object, found: str) -> None:
    (fault,) = rejected_with({path: value})

    assert (fault.path, fault.found) == (path, found)


def test_a_key_that_the_schema_lacks_is_refused() -> None:
    (fault,) = rejected_with({"products.day-voucher.pack.colour": "red"})

    assert (fault.path, fault.found) == ("products.day-voucher.pack.colour", "an unknown key")


def test_an_empty_list_has_no_first_entry_to_set() -> None:
    text = SMALLEST.replace("pence = 100 }", "pence = 100 }\nallowance = []")
    replacements: dict[str, object] = {"products.day-voucher.allowance.max": 3}

    (fault,) = rejected_with({"products.day-voucher.allowance": [], **replacements})

    assert fault.found == "an empty list"
    assert "allowance = []" in text


def test_a_real_amount_takes_the_mark_of_a_placeholder_away() -> None:
    marked = parse(MARKED, "a.toml")
    assert len(marked.warnings) == 3

    real = parse(
        MARKED,
        "a.toml",
        {
            "products.day-voucher.price.pence": 120,
            "products.day-voucher.allowance.max": 50,
            "products.day-voucher.replacement.fee_pence": 1500,
        },
    )

    assert real.warnings == ()
    (product,) = real.scheme.products
    assert not product.price.placeholder
    assert not product.allowance[0].placeholder
    assert not product.replacement.fee_placeholder


def test_a_value_that_is_no_amount_leaves_the_mark() -> None:
    given = parse(MARKED, "a.toml", {"products.day-voucher.allowance.scope": "resident"})

    assert len(given.warnings) == 3


def test_a_mark_of_two_amounts_stays_until_both_are_real() -> None:
    text = SMALLEST.replace(
        'model = "flat", pence = 100',
        'model = "admin_plus_monthly", admin_pence = 0, month_pence = 0, placeholder = true',
    )
    one: dict[str, object] = {"products.day-voucher.price.admin_pence": 1000}
    both = {**one, "products.day-voucher.price.month_pence": 75}

    assert len(parse(text, "a.toml", one).warnings) == 1
    assert parse(text, "a.toml", both).warnings == ()


def test_the_text_is_read_afresh_each_time() -> None:
    first = with_values({"products.day-voucher.pack.size": 7})
    second = with_values({})

    assert (first.products[0].pack.size, second.products[0].pack.size) == (7, 1)
