"""The program keeps its shape: each rule of design section 2 and of the house style, checked.

Every check is seen to fail once on a small tree that is wrong on purpose.
"""

from pathlib import Path
from typing import get_args

import pytest

from commands.registry import CASES
from commands.registry import tag_of as command_tag
from ledger.events import AnyEvent, tag_of
from projections.registry import EVERY
from tests import shape

ROOT = Path(__file__).resolve().parent.parent
ALL = (*shape.PACKAGES, "tests")


def test_imports_point_one_way():
    """web, scripts -> replay -> services -> commands, projections -> ledger.store -> ledger."""
    assert list(shape.wrong_imports(ROOT)) == []


def test_the_ledger_outside_its_store_is_pure():
    """No clock, no input or output, no environment, no chance (design, section 2)."""
    assert list(shape.impurities(ROOT)) == []


def test_no_datetime_is_made_without_a_zone():
    assert list(shape.naive_datetimes(ROOT, shape.PACKAGES)) == []


def test_no_file_and_no_function_is_too_long():
    """At most 400 lines a file and 70 a function (style, section 1)."""
    assert list(shape.too_long(ROOT, ALL)) == []


def test_no_council_is_named_in_python():
    assert list(shape.named_councils(ROOT)) == []


def test_only_the_store_knows_the_event_store_library():
    assert list(shape.outside_the_store(ROOT, "eventsourcing")) == []


def test_every_command_has_a_test_module():
    modules = [module.__name__.rpartition(".")[2] for _, module in CASES]

    assert list(shape.missing_tests(ROOT, "commands", modules)) == []


def test_every_read_model_has_a_test_module():
    modules = [type(model).__module__.rpartition(".")[2] for model in EVERY]

    assert list(shape.missing_tests(ROOT, "projections", modules)) == []


def test_every_event_and_every_command_has_a_tag_of_its_own():
    assert list(shape.repeated(tag_of(kind) for kind in get_args(AnyEvent))) == []
    assert list(shape.repeated(command_tag(command) for command, _ in CASES)) == []


# That each check can fail.


def write(root: Path, place: str, text: str) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("ledger/rules/tariff.py", "from ledger.store import rows"),
        ("ledger/store/rows.py", "import commands.base"),
        ("commands/base.py", "from projections.registry import EVERY"),
        ("projections/registry.py", "def late():\n    from commands import base"),
        ("commands/base.py", "from services.council import Council"),
        ("services/council.py", "import replay.history"),
        ("replay/history.py", "from web.serving import serve"),
        ("web/serving.py", "import scripts.main"),
        ("ledger/values.py", "from . import calendar"),
    ],
)
def test_an_import_that_points_up_or_across_is_found(tmp_path, place, text):
    write(tmp_path, place, text)

    assert len(list(shape.wrong_imports(tmp_path))) == 1


def test_an_import_that_points_down_is_none_of_these(tmp_path):
    write(tmp_path, "web/serving.py", "from commands.base import Command\nimport services.council")
    write(tmp_path, "scripts/main.py", "import web.serving")
    write(tmp_path, "ledger/store/rows.py", "import psycopg\nfrom ledger.events import Entry")

    assert list(shape.wrong_imports(tmp_path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "import psycopg",
        "from eventsourcing.application import Application",
        "import os",
        "import time",
        "from random import random",
        "from datetime import datetime, UTC\nat = datetime.now(UTC)",
        "import datetime\nat = datetime.date.today()",
        "text = open('scheme.toml')",
    ],
)
def test_an_impurity_is_found_in_the_ledger_but_not_in_its_store(tmp_path, text):
    write(tmp_path, "ledger/store/rows.py", text)
    assert list(shape.impurities(tmp_path)) == []

    write(tmp_path, "ledger/rules/tariff.py", text)
    assert len(list(shape.impurities(tmp_path))) == 1


@pytest.mark.parametrize(
    "call",
    [
        "datetime(2026, 11, 19)",
        "datetime.datetime(2026, 11, 19)",
        "datetime.now()",
        "datetime.utcnow()",
        "datetime.today()",
        "datetime.fromtimestamp(0)",
        "datetime.utcfromtimestamp(0)",
    ],
)
def test_a_naive_datetime_is_found(tmp_path, call):
    write(tmp_path, "services/clock.py", f"at = {call}")

    assert len(list(shape.naive_datetimes(tmp_path, ["services"]))) == 1


@pytest.mark.parametrize(
    "call",
    [
        "datetime(2026, 11, 19, tzinfo=UTC)",
        "datetime.now(UTC)",
        "datetime.now(tz=UTC)",
        "datetime.fromtimestamp(0, UTC)",
        "datetime.combine(day, clock)",
        "scheme.now()",
    ],
)
def test_a_datetime_with_its_zone_is_none(tmp_path, call):
    write(tmp_path, "services/clock.py", f"at = {call}")

    assert list(shape.naive_datetimes(tmp_path, ["services"])) == []


def test_a_file_of_400_lines_is_the_longest(tmp_path):
    write(tmp_path, "web/pages.py", "x = 1\n" * 400)
    assert list(shape.too_long(tmp_path, ["web"])) == []

    write(tmp_path, "web/other.py", "x = 1\n" * 401)
    assert list(shape.too_long(tmp_path, ["web"])) == ["web/other.py has 401 lines"]


def test_a_function_of_70_lines_is_the_longest(tmp_path):
    write(tmp_path, "web/pages.py", "def page():\n" + "    x = 1\n" * 69)
    assert list(shape.too_long(tmp_path, ["web"])) == []

    write(tmp_path, "web/other.py", "class A:\n    async def page():\n" + "        x = 1\n" * 70)
    assert list(shape.too_long(tmp_path, ["web"])) == ["web/other.py:2 page has 71 lines"]


def test_a_council_named_in_code_or_comment_is_found_and_a_part_of_a_word_is_not(tmp_path):
    write(
        tmp_path,
        "ledger/schemes/x.toml",
        'id = "barsetshire-2015"\ncouncil = "Barchester City Council"\n',
    )
    write(tmp_path, "web/pages.py", "city = 'the council'  # rebarchestered\n")
    assert list(shape.named_councils(tmp_path)) == []

    write(
        tmp_path, "web/pages.py", "if scheme == 'barsetshire':  # Barchester has it so\n    x = 1"
    )
    write(tmp_path, "ledger/rules/tariff.py", "edition = 'barsetshire-2015@2015-01-01'")
    assert list(shape.named_councils(tmp_path)) == [
        "ledger/rules/tariff.py:1 names barsetshire",
        "web/pages.py:1 names barsetshire",
    ]


def test_a_tree_without_schemes_is_not_taken_for_one_without_faults(tmp_path):
    assert len(list(shape.named_councils(tmp_path))) == 1


def test_the_event_store_library_is_found_outside_the_store(tmp_path):
    write(tmp_path, "ledger/store/mapper.py", "from eventsourcing.persistence import Mapper")
    assert list(shape.outside_the_store(tmp_path, "eventsourcing")) == []

    write(tmp_path, "commands/handling.py", "import eventsourcing")
    assert len(list(shape.outside_the_store(tmp_path, "eventsourcing"))) == 1


def test_a_module_without_tests_is_found(tmp_path):
    write(tmp_path, "tests/commands/test_lapse.py", "")

    assert list(shape.missing_tests(tmp_path, "commands", ["lapse", "stay"])) == [
        "commands/stay.py has no tests/commands/test_stay.py"
    ]


def test_a_tag_that_is_there_twice_is_found():
    assert list(shape.repeated(["b.v1", "a.v1", "b.v1"])) == ["b.v1 is there twice"]
