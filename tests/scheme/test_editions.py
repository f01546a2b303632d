"""Which edition is in force: at its first instant, just before it, and long after."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ledger.refusals import NotFound
from ledger.scheme.editions import Editions, in_order
from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in, load, load_folder, parse
from tests.scheme.files import SMALLEST

INSTANT = timedelta(microseconds=1)
SUMMER = SMALLEST.replace("2026-01-01", "2026-07-01").replace("pence = 100", "pence = 150")


def editions() -> Editions:
    return in_order(parse(text, "a.toml").scheme for text in (SUMMER, SMALLEST))


def pence(found: Editions, at: datetime) -> int:
    return found.in_force_at(at).products[0].price.pence


def test_an_edition_is_named_by_its_scheme_and_its_first_day() -> None:
    assert [each.edition for each in editions().ordered] == [
        "smallest@2026-01-01",
        "smallest@2026-07-01",
    ]


def test_an_edition_begins_at_local_midnight() -> None:
    begins = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)

    assert pence(editions(), begins - INSTANT) == 100
    assert pence(editions(), begins) == 150
    assert pence(editions(), begins + timedelta(days=4000)) == 150


def test_the_edition_of_a_day_is_the_one_in_force_when_it_begins() -> None:
    assert editions().in_force(date(2026, 6, 30)).edition == "smallest@2026-01-01"
    assert editions().in_force(date(2026, 7, 1)).edition == "smallest@2026-07-01"


def test_before_the_first_edition_there_is_none() -> None:
    assert editions().in_force(date(2026, 1, 1)).edition == "smallest@2026-01-01"
    with pytest.raises(NotFound):
        editions().in_force(date(2025, 12, 31))


def test_an_old_edition_is_found_by_its_name() -> None:
    """Holdings sold under old terms keep them (reference/schemes.md, `replaces`)."""
    old = editions().edition("smallest@2026-01-01")

    assert old.products[0].price.pence == 100
    with pytest.raises(NotFound):
        editions().edition("smallest@2026-01-02")


def test_a_new_edition_begins_at_its_instant_and_not_before() -> None:
    noon = datetime(2026, 7, 20, 11, 0, tzinfo=UTC)
    dearer = parse(SMALLEST, "a.toml", {"products.day-voucher.price.pence": 999}).scheme

    changed = editions().with_edition(dearer, noon)

    assert pence(changed, noon - INSTANT) == 150
    assert pence(changed, noon) == 999
    assert changed.latest.edition == "smallest@2026-07-20T11:00:00Z"
    assert changed.in_force(date(2026, 7, 20)).products[0].price.pence == 150
    assert changed.in_force(date(2026, 7, 21)).products[0].price.pence == 999


def test_two_editions_of_one_instant_have_different_names_and_the_later_holds() -> None:
    noon = datetime(2026, 7, 20, 11, 0, tzinfo=UTC)
    first = parse(SMALLEST, "a.toml", {"products.day-voucher.price.pence": 1}).scheme
    second = parse(SMALLEST, "a.toml", {"products.day-voucher.price.pence": 2}).scheme

    changed = editions().with_edition(first, noon).with_edition(second, noon)

    assert pence(changed, noon) == 2
    assert changed.edition("smallest@2026-07-20T11:00:00Z").products[0].price.pence == 1
    assert changed.edition("smallest@2026-07-20T11:00:00Z/2").products[0].price.pence == 2


def test_a_new_edition_at_the_very_midnight_of_a_file_replaces_it_from_then() -> None:
    begins = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    dearer = parse(SMALLEST, "a.toml", {"products.day-voucher.price.pence": 999}).scheme

    assert pence(editions().with_edition(dearer, begins), begins) == 999


def test_a_folder_holds_every_edition_of_a_scheme(tmp_path: Path) -> None:
    (tmp_path / "smallest.toml").write_text(SMALLEST)
    (tmp_path / "smallest-summer.toml").write_text(SUMMER)
    (tmp_path / "notes.md").write_text("not a scheme")

    library = load_folder(tmp_path)

    assert library.ids == ("smallest",)
    assert library.scheme("smallest").edition == "smallest@2026-07-01"
    assert library.edition("smallest@2026-01-01").products[0].price.pence == 100
    assert library.file_of("smallest").file == "smallest-summer.toml"
    with pytest.raises(NotFound):
        library.scheme("another")


def test_every_faulty_file_of_a_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SMALLEST.replace("pence = 100", "pence = -1"))
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "c.toml").write_text(SMALLEST)
    (tmp_path / "d.toml").write_text(SMALLEST)

    with pytest.raises(SchemeRejected) as refusal:
        load_folder(tmp_path)

    assert [(error.file, error.path) for error in refusal.value.errors] == [
        ("a.toml", "products.day-voucher.price.pence"),
        ("b.toml", ""),
        ("d.toml", "effective_from"),
    ]


def test_a_file_of_the_program_is_loaded_by_its_path() -> None:
    library = built_in()

    for each in library.read:
        assert each.scheme.id in library.ids
        assert parse(each.text, each.file).scheme == each.scheme


def test_one_file_is_loaded_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)

    assert load(path).scheme == parse(SMALLEST, "smallest.toml").scheme


NEXT = SMALLEST.replace('id = "smallest"', 'id = "next"\nreplaces = "smallest"', 1).replace(
    "effective_from = 2026-01-01", "effective_from = 2027-01-01"
)


def test_a_scheme_goes_on_from_the_one_that_it_replaces(tmp_path: Path) -> None:
    """The old one is in force until the new one begins, and its editions are found by name."""
    (tmp_path / "smallest.toml").write_text(SMALLEST)
    (tmp_path / "summer.toml").write_text(SUMMER)
    (tmp_path / "next.toml").write_text(NEXT)

    library = load_folder(tmp_path)
    found = library.editions("next")

    assert found.latest.id == "next"
    assert found.in_force(date(2026, 12, 31)).edition == "smallest@2026-07-01"
    assert found.in_force(date(2027, 1, 1)).edition == "next@2027-01-01"
    assert found.edition("smallest@2026-01-01").products[0].price.pence == 100
    assert library.editions("smallest").latest.edition == "smallest@2026-07-01"
    assert len(found.with_edition(found.latest, found.latest.begins_at).ordered) == 4


def test_schemes_that_replace_one_another_or_nobody_known_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "smallest.toml").write_text(
        SMALLEST.replace('id = "smallest"', 'id = "smallest"\nreplaces = "next"', 1)
    )
    (tmp_path / "next.toml").write_text(NEXT)
    (tmp_path / "alone.toml").write_text(
        NEXT.replace('"next"', '"alone"').replace('"smallest"', '"ghost"')
    )

    library = load_folder(tmp_path)

    assert len(library.editions("next").ordered) == 2
    assert len(library.editions("smallest").ordered) == 1
    assert len(library.editions("alone").ordered) == 1
