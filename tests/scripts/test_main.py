"""The command line as a person meets it: what is printed, and the exit status.

Source: design section 7; the scenario language, its command line.
"""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import Actor
from scripts.main import main
from services.councils import open_councils

ROOT = Path(__file__).resolve().parent.parent.parent
COUNCIL = "stevenage"
PRODUCT = "virtual-visitor-vouchers"
ASKED = ["--council", COUNCIL]
HOUSEHOLD = [*ASKED, "--property", "1"]

PASSING = """
[[scenario]]
id = "P-1"
title = "nobody is covered"
scheme = "stevenage"
steps = [{ at = "2026-01-10 09:00", do = "check", vehicle = "AB12CDE", expect = { covered = %s } }]
"""


@pytest.fixture
def ledger(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The command line's database is this test's."""
    monkeypatch.setenv("DATABASE_URL", database)
    return database


@pytest.fixture
def zone(ledger: str) -> str:
    """A household that has bought vouchers today and booked one for G885WFE; its zone."""
    with open_councils(ledger, [COUNCIL]) as councils:
        council = councils[COUNCIL]
        household = council.ledger.household_id("1")
        zone = council.editions.latest.zones[0].id

        def send(command: object, who: Actor) -> dict[str, object]:
            sender = Sender(by=who, key=type(command).__name__)
            return dict(council.handle(household, command, sender).values)  # type: ignore[arg-type]

        clerk = Actor("staff", "clerk")
        send(ListProperty(property_ref="1", zone=zone), clerk)
        enrolled = send(EnrolResident(mobile="07700 900001", council_tax_account="CT-1"), clerk)
        me = Actor("resident", str(enrolled["resident"]))
        application = str(send(ApplyForPermit(product=PRODUCT), me)["application"])
        bill = UploadProof(application=application, document="utility_bill", dated=_yesterday())
        send(bill, me)
        send(PayForApplications(applications=(application,), result="authorised"), me)
        send(BookVoucher(vehicles=("G885WFE",)), me)
    return zone


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-command"], "no-such-command"),
        (["check"], "--council"),
        (["check", *ASKED, "--mark", "AB12CDE", "--zone", "NOWHERE"], "--zone is one of"),
        (["check", *ASKED, "--mark", "AB12CDE", "--zone", "OT", "--at", "noon"], "--at is YYYY"),
        (
            ["check", *ASKED, "--mark", "A", "--zone", "OT", "--at", "2026-03-29 01:30"],
            "--at is YYYY",
        ),
        (["history", *ASKED], "--household or by --property"),
        (["history", *ASKED, "--household", "x", "--property", "1"], "--household or by"),
        (["history", *ASKED, "--household", "x"], "is an id such as"),
        (["history", *HOUSEHOLD, "--json", "--csv"], "--json or --csv"),
        (["allowance", *HOUSEHOLD, "--product", "none-such"], "--product is one of"),
        (["allowance", *HOUSEHOLD, "--product", PRODUCT, "--on", "today"], "--on is a date"),
        (["token", "make", *ASKED, "--role", "mayor", "--name", "M"], "mayor"),
        (["token", "make", *ASKED, "--role", "resident", "--name", "M"], "--property"),
        (["token", "make", *ASKED, "--role", "officer", "--name", "M", "--days", "0"], "--days"),
        (["database", "stop"], "DATABASE_URL"),
        (["database", "burn"], "burn"),
        (["scenarios"], "a file or a folder"),
        (["scenarios", "--wat", "x"], "--wat"),
    ],
)
def test_what_was_asked_for_wrongly_is_told_in_one_line(
    ledger: str, capfd: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """Exit status 2, nothing on standard output, no traceback."""
    status = main(arguments)

    said = capfd.readouterr()
    assert (status, said.out) == (2, ""), said
    assert len(said.err.splitlines()) == 1
    assert says in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "--council", "atlantis", "--mark", "AB12CDE"], "no such council: atlantis"),
        (["check", *ASKED, "--mark", "!!", "--zone", "OT"], "vehicle.mark_invalid"),
        (["history", *ASKED, "--property", "99"], "no such household"),
        (["allowance", *ASKED, "--property", "99", "--product", PRODUCT], "no such household"),
        (["token", "revoke", *ASKED, "0123456789ab"], ""),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    ledger: str, capfd: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """Exit status 1, no traceback."""
    status = main(arguments)

    said = capfd.readouterr()
    assert status == 1
    assert len((said.err + said.out).splitlines()) == 1
    assert says in said.err


def test_a_database_that_does_not_answer_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The server's own words, and no password."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/none")

    assert main(["scenarios", "x.toml"]) == 1

    said = capfd.readouterr().err
    assert "refused" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_a_covered_vehicle_is_told_with_its_reason(
    zone: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The verdict first; near marks named and never covered (G-007)."""
    asked = ["check", *ASKED, "--zone", zone, "--mark"]

    assert main([*asked, "g885 wfe"]) == 0
    assert ": COVERED\n" in capfd.readouterr().out
    assert main([*asked, "G885WFF"]) == 0
    near = capfd.readouterr().out
    assert ": NOT COVERED\n" in near
    assert "looks like G885WFE" in near
    assert main([*asked, "G885WFE", "--at", "2020-12-01 12:00", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["covered"], answer["reason"]) == (False, "not_started")
    assert main([*asked, "G885WFE", "--known", "2020-12-01 12:00", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["reason"] == "no_right"


def test_a_household_is_told_act_by_act(
    zone: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """As sentences, as JSON Lines, as comma-separated values; by property or by id."""
    assert main(["history", *HOUSEHOLD, "--json"]) == 0
    acts = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [act["version"] for act in acts] == list(range(1, len(acts) + 1))
    assert acts[-1]["act"] == "booked"
    assert main(["history", *ASKED, "--household", acts[0]["household_id"], "--csv"]) == 0
    assert len(capfdbinary.readouterr().out.splitlines()) == len(acts) + 1
    assert main(["history", *HOUSEHOLD]) == 0
    assert b"G885WFE" in capfdbinary.readouterr().out


def test_an_allowance_is_told_with_what_is_left(
    zone: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Used, left and the dates of release, for each cap."""
    asked = ["allowance", *HOUSEHOLD, "--product", PRODUCT]

    assert main([*asked, "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert all(cap["used"] + cap["available"] == cap["max"] for cap in found)
    assert main(asked) == 0
    assert capfd.readouterr().out


def test_a_token_is_shown_once_and_can_be_ended(
    zone: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its secret is printed alone, for a script to take; the list has its name, not its secret."""
    assert main(["token", "make", *HOUSEHOLD, "--role", "resident", "--name", "R"]) == 0
    assert main(["token", "make", *ASKED, "--role", "officer", "--name", "O", "--days", "1"]) == 0
    secrets = capfd.readouterr().out.split()
    assert len(secrets) == 2

    assert main(["token", "list", *ASKED]) == 0
    listed = capfd.readouterr().out
    assert not any(secret in listed for secret in secrets)
    row = next(line for line in listed.splitlines() if "officer" in line)
    token_id = row.replace("│", " ").split()[0]

    assert main(["token", "revoke", *ASKED, token_id]) == 0
    assert main(["token", "revoke", *ASKED, token_id]) == 1


def test_migrating_twice_changes_nothing(ledger: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Each numbered file is applied once."""
    assert main(["migrate"]) == 0
    assert main(["migrate", *ASKED]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == f"{COUNCIL}: up to date"


@pytest.mark.parametrize(
    ("text", "status"),
    [(PASSING % "false", 0), (PASSING % "true", 1), ("[[scenario]]\nid = 1", 2)],
)
def test_scenarios_leave_no_database_behind(
    ledger: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, status: int
) -> None:
    """Exit status: 0 all pass, 1 one fails, 2 not a scenario file; then the scratch is dropped."""
    file = tmp_path / "some.toml"
    file.write_text(text)

    assert main(["scenarios", str(file), "--jobs", "1"]) == status, capfd.readouterr()

    assert _left_behind(ledger) == []


def test_scenarios_told_to_stop_leave_no_database_behind(ledger: str, tmp_path: Path) -> None:
    """SIGTERM is a way out like any other; after a kill the next run cleans up."""
    file = tmp_path / "some.toml"
    file.write_text("".join((PASSING % "false").replace("P-1", f"P-{n}") for n in range(150)))
    command = [sys.executable, "-m", "scripts.main", "scenarios", str(file), "--jobs", "1"]
    for number in (signal.SIGTERM, signal.SIGKILL):
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert run.stdout is not None
        assert run.stdout.readline()
        run.send_signal(number)
        run.communicate(timeout=20)
        if number == signal.SIGTERM:
            assert _left_behind(ledger) == []

    file.write_text(PASSING % "false")
    time.sleep(0.5)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert _left_behind(ledger) == []


def test_the_scenario_in_the_readme_passes(ledger: str, tmp_path: Path) -> None:
    """What a newcomer copies works as it is written."""
    text = (ROOT / "README.md").read_text()
    file = tmp_path / "mine.toml"
    file.write_text(text.partition("```toml\n")[2].partition("```")[0])

    assert main(["scenarios", str(file), "--jobs", "1"]) == 0


def test_help_is_quick_and_names_every_command() -> None:
    """Nothing of weight is imported for it."""
    command = [sys.executable, "-X", "importtime", "-m", "scripts.main", "--help"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    for name in ("serve", "work", "scenarios", "check", "history", "allowance", "simulate"):
        assert f" {name} " in done.stdout
    for heavy in ("psycopg", "litestar", "eventsourcing", "apscheduler", "msgspec"):
        assert f" {heavy}\n" not in done.stderr


def _left_behind(dsn: str) -> list[str]:
    """The scratch databases that no living run holds: another test may be at work beside this."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        rows = connection.execute(
            "select datname from pg_database where datname like 'permit\\_ledger\\_scratch\\_%'"
        ).fetchall()
        held = connection.execute("select objid::int8 from pg_locks where locktype = 'advisory'")
        numbers = {f"{number:08x}" for (number,) in held.fetchall()}
    return [name for (name,) in rows if name[-8:] not in numbers]
