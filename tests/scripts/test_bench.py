"""The bench: its figures are named, each against another of the same run."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import msgspec
import psycopg
import pytest

from scripts import bench
from scripts.benches import append, check, crowd, node, pages, replay, replicated, scale
from scripts.benches.clients import ClientFailed, Clients, Step
from scripts.benches.figures import Figure, Report, figure, in_json, in_lines
from scripts.benches.peers import installing
from scripts.benches.slow_line import slow_line
from tests.store.homes import a_council, a_home


def test_the_append_bench_has_every_figure(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, section 10: raw, bare, library and command, at each number of clients."""
    monkeypatch.setattr(append, "CLIENTS", (1, 2))
    monkeypatch.setattr(append, "QUICK_SECONDS", 0.2)
    monkeypatch.setattr(append, "HOUSEHOLDS_A_CLIENT", 2)
    monkeypatch.setattr(append, "LATENCY_CLIENTS", 2)
    report = bench.measured("append", server, True)

    names = [each.name for each in report.figures]
    for n in (1, 2):
        assert {f"raw.{n}", f"command.{n}", f"bare.{n}", f"library.{n}"} <= set(names)
    by_name = {each.name: each for each in report.figures}
    command = by_name["command.2"]
    assert (command.against, command.unit) == ("raw.2", "commands/s")
    assert command.against_value == by_name["raw.2"].value
    assert all(each.value > 0 for each in report.figures)
    assert by_name["bare.2/library.2"].against == "library.2"
    assert by_name["command.2.latency1ms"].against == "raw.2.latency1ms"


def test_a_slow_line_takes_its_time_each_way(server: str) -> None:
    """A question and its answer through it take twice what one way takes, at the least."""
    with (
        slow_line(server, 0.01) as slow,
        psycopg.connect(slow, autocommit=True) as connection,
    ):
        began = monotonic()
        for _ in range(3):
            assert connection.execute("select 1").fetchone() == (1,)
        assert monotonic() - began >= 3 * 2 * 0.01


def test_peers_that_are_not_there_are_said_to_be(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is fetched unasked: without them the others are compared."""
    monkeypatch.setattr(installing, "PLACE", tmp_path)

    assert not installing.installed()
    assert set(append.tasks()) == {"raw", "command", "bare", "library"}


def test_the_check_bench_has_every_figure(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, section 10: the question beside a raw lookup, and over HTTP beside a constant."""
    monkeypatch.setattr(check, "QUICK", check.Sizes(400, 4_000, 8_000, 0.3))
    monkeypatch.setattr(check, "ROUNDS", 1)
    monkeypatch.setattr(node, "QUICK_PLATES", 1_000)
    monkeypatch.setattr(node, "QUICK_SECONDS", 0.3)
    monkeypatch.setattr(node, "ROUNDS", 1)
    by_name = {each.name: each for each in bench.measured("check", server, True).figures}

    assert by_name["check.query"].against == "raw.query"
    assert by_name["check.http"].against == "http.constant"
    assert by_name["asat.query"].against == "raw.query"
    assert by_name["node.http"].against == "http.constant"
    assert by_name["check.http.p99"].unit == by_name["check.growth"].unit == "ms"
    assert all(each.value > 0 for each in by_name.values())


def test_the_replay_bench_has_every_figure(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, section 10: each against the raw read of the same rows, or of the same household."""
    monkeypatch.setattr(crowd, "LIVES", 3)
    monkeypatch.setattr(crowd, "YEARS", 1)
    monkeypatch.setattr(replay, "QUICK_EVENTS", 500)
    monkeypatch.setattr(replay, "QUICK_UPSERT_SECONDS", 0.1)
    monkeypatch.setattr(replay, "LONG", 12)
    monkeypatch.setattr(replay, "QUICK_ASKED", 5)
    by_name = {each.name: each for each in bench.measured("replay", server, True).figures}

    for name in ("rebuild.registrations", "rebuild.allowances", "verify"):
        assert by_name[name].against == "raw.read"
    assert by_name["household.500"].against == "household.500.raw"
    assert by_name["asat.household.p99"].unit == "ms"
    assert by_name["rss_mb"].unit == "MB"
    assert all(each.value > 0 for each in by_name.values())


def test_the_scale_bench_has_every_figure(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each size is told beside the smallest of the same run."""
    monkeypatch.setattr(scale, "QUICK_SIZES", (3, 6))
    monkeypatch.setattr(scale, "QUICK_SECONDS", 0.1)
    monkeypatch.setattr(scale, "LIVES", 3)
    by_name = {each.name: each for each in bench.measured("scale", server, True).figures}

    for name in ("fill", "rebuild", "disk", "append", "check", "household", "commit"):
        assert by_name[f"{name}.6"].against == f"{name}.3"
    assert by_name["check.cpu.6"].unit == by_name["check.6"].unit == "ms"
    assert all(each.value > 0 for each in by_name.values())


def test_a_size_that_would_take_too_long_is_left_out_and_said_to_be(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first size is always measured; how long the next will take, it tells."""
    monkeypatch.setattr(scale, "QUICK_SECONDS", 0.1)
    monkeypatch.setattr(scale, "LIVES", 3)
    sizes = (3, 1_000_000_000)
    found = bench.measured("scale", server, True, sizes=sizes, minutes=5).figures

    assert {each.name.rpartition(".")[2] for each in found} == {"3"}
    assert "1000000000 households: left out: about" in capsys.readouterr().err


def test_the_replica_bench_tells_the_lag_under_load(
    monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    """Idle and loaded, beside each other; what it made is gone afterwards."""
    monkeypatch.setattr(replicated, "PLACE", place / "bench")
    monkeypatch.setattr(replicated, "QUICK_SECONDS", 0.2)
    monkeypatch.setattr(replicated, "CLIENTS", 2)
    by_name = {each.name: each for each in bench.measured("replica", "", True).figures}

    assert by_name["lag.loaded"].against == by_name["lag.loaded.worst"].against == "lag.idle"
    assert by_name["append.replicated"].against == "append.alone"
    assert not list((place / "bench").glob("postgres-*/data"))


def test_the_pages_bench_has_a_figure_for_every_part(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design, section 10: each page beside the smallest one of the same server."""
    monkeypatch.setattr(pages, "QUICK", pages.Sizes(6, 60, 10, 1, 1))
    by_name = {each.name: each for each in bench.measured("pages", server, True).figures}

    for page in (
        "start.home.resident",
        "resident.booking.asked",
        "counter.household.shown",
        "counter.finding.looked",
        "disputes.asking.asked",
        "disputes.notices.listed",
        "audit.replaying.replayed.last",
        "audit.exceptional.report",
        "schemes.showing.shown",
        "resident.download.as_json",
        "resident.download.as_csv",
    ):
        figure = by_name[f"page.{page}.p95"]
        assert (figure.against, figure.unit) == ("page.constant.p95", "ms")
        assert by_name[f"page.{page}.processor"].against == "page.constant.processor"
        assert by_name[f"page.{page}.first"].value > 0


def test_a_figure_says_what_it_is_measured_against() -> None:
    raw = figure("raw.8", 7600.04, "inserts/s", None)
    command = figure("command.8", 1900.0, "commands/s", raw)

    assert raw == Figure(name="raw.8", value=7600.0, unit="inserts/s")
    assert command == Figure(
        name="command.8",
        value=1900.0,
        unit="commands/s",
        against="raw.8",
        against_value=7600.0,
        ratio=0.25,
    )


def test_a_report_is_one_line_of_json_or_a_table() -> None:
    raw = figure("raw.1", 10.0, "inserts/s", None)
    report = Report(bench="append", machine="m", figures=(raw,))

    assert msgspec.json.decode(in_json(report), type=Report) == report
    assert next(iter(in_lines(report))) == "append on m"


def test_an_unknown_bench_is_asked_for_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bench.main(["nothing"])

    assert ended.value.code == 2
    assert "append" in capsys.readouterr().err


def failing(dsn: str, number: int) -> Iterator[Step]:
    raise RuntimeError("cannot be prepared")


def test_a_client_that_fails_fails_the_bench() -> None:
    with Clients(1) as clients, pytest.raises(ClientFailed, match="cannot be prepared"):
        clients.rate(1, failing, "", 0.1)  # type: ignore[arg-type]


def test_the_households_of_a_bench_book_amend_and_cancel(database: str) -> None:
    with a_council(database, 1) as council:
        home = a_home(council, "home")
        assert [home.step().command for _ in range(4)] == [
            "book_voucher",
            "amend_booking",
            "cancel_booking",
            "book_voucher",
        ]
