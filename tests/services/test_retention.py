"""What is no fact is deleted when its time is over, and counted (promises section 6)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from services import drafts, looking_up, retention
from services.council import Council
from services.working import tidy

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
SCHEMA = "stevenage"


@pytest.fixture
def council(database):
    with open_pool(database, 2, "retention") as pool:
        yield Council(SCHEMA, pool, pool, built_in().editions(SCHEMA), clock=lambda: NOON)


@pytest.fixture
def connection(council):
    with council.pool.connection() as connected:
        yield connected


def drafted(connection, product, at):
    drafts.save(
        connection, SCHEMA, household=uuid4(), resident="r", product=product, answers={}, at=at
    )


def looked(connection, at):
    looking_up.record(connection, SCHEMA, role="staff", name="c", kind="mark", found=1, at=at)


def looks(connection):
    (row,) = connection.execute(f"select count(*) from {SCHEMA}.people_looked_up").fetchall()
    return row[0]


def test_a_draft_is_deleted_when_it_was_left_for_as_long_as_the_council_keeps_it(
    council, connection
):
    days = retention.of(SCHEMA).drafts_days
    drafted(connection, "left", NOON - timedelta(days=days))
    drafted(connection, "young", NOON - timedelta(days=days) + timedelta(microseconds=1))

    (done,) = retention.remove_due(council, connection, NOON)

    assert (done.kind, done.rows) == ("drafts", 1)
    assert [each.product for each in drafts.of_resident(connection, SCHEMA, "r")] == ["young"]


def test_a_look_at_people_is_kept_thirteen_months_and_no_longer(council, connection):
    looked(connection, datetime(2025, 10, 19, 12, tzinfo=UTC))
    looked(connection, datetime(2025, 10, 19, 12, tzinfo=UTC) + timedelta(microseconds=1))

    done = retention.remove_due(council, connection, NOON)

    assert ("people looked up", 1) in [(each.kind, each.rows) for each in done]
    assert looks(connection) == 1


def test_how_much_was_deleted_is_on_record_and_nothing_of_it(council, connection):
    for n in range(3):
        drafted(connection, f"p{n}", NOON - timedelta(days=1_000))
    tidy(council, None)
    tidy(council, None)

    found = retention.removed(connection, SCHEMA, NOON)

    assert [(each.kind, each.rows) for each in found] == [("drafts", 3)]


def test_a_council_keeps_for_as_long_as_its_own_table_says(tmp_path):
    file = tmp_path / "retention.toml"
    file.write_text(
        "[default]\ndrafts_days = 9\npeople_looked_up_months = 2\nsessions_months = 1\n"
        "[councils.other]\ndrafts_days = 3\n"
    )

    assert retention.of("other", file).drafts_days == 3
    assert retention.of("other", file).people_looked_up_months == 2
    assert retention.of(SCHEMA, file).drafts_days == 9


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[default]\ndrafts_days = 9\n", "missing required field"),
        ("[default]\ndrafts_days = 0\npeople_looked_up_months = 2\nsessions_months = 1\n", "1"),
        ("[defaults]\n", "no such table: defaults"),
        ("[default", "retention.toml, stevenage"),
    ],
)
def test_a_file_that_is_wrong_is_refused_and_named(tmp_path, written, said):
    file = tmp_path / "retention.toml"
    file.write_text(written)

    with pytest.raises(ValueError, match=said):
        retention.of(SCHEMA, file)
