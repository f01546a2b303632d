"""Requests made from our own OpenAPI document, right and wrong ones, against the program itself.

Whatever is sent, nothing answers with a fault of ours; every answer is one that the document
describes, in the shape that it describes; and what needs a token is refused without one.

Source: promises.md P16; OWASP API Top 10 (2023), 4, 8 and 9.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS as EVERY_CHECK
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from scripts.prove.programs import Program, free_port, wait_for_web
from scripts.prove.reached import FAULTS_MAX, NotRun, Reached, time_left
from scripts.prove.servers import own_server
from scripts.prove.writers import a_council, new_home
from services.council import Council
from services.councils import open_councils
from services.identity.tokens import TokenRole, make_token
from web.api import OPERATIONS
from web.operations import Operation, Site

CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
LEFT_OUT = frozenset({"zone_stream"})
"""It streams for as long as it is asked to."""
_SITE = Site(councils={}, messages=None, sandbox=False, secure_cookies=False)
_ROUND = 40
"""Requests of one operation before the next has its turn."""


class Fuzzed:
    """A served council, and everything that a request for it may name."""

    def __init__(
        self, address: str, council: str, words: Mapping[str, str], tokens: Mapping[str, str]
    ) -> None:
        self.client = httpx.Client(base_url=address, timeout=30)
        self.words = {"council": council, **words}
        self.tokens = tokens
        described = self.client.get("/openapi.json").json()
        schema = schemathesis.openapi.from_dict(described)
        self.operations: list[tuple[Operation, APIOperation[Any, Any, Any, Any]]] = []
        load_all_checks()
        found = {}
        for each in schema.get_all_operations():
            # What cannot be read of our own document is a fault, and is raised.
            read = each.ok() if isinstance(each, Ok) else each.err()
            if isinstance(read, Exception):
                raise read
            found[read.label] = read
        for operation in OPERATIONS:
            if operation.name not in LEFT_OUT:
                self.operations.append((operation, found[f"{operation.method} {operation.path}"]))

    def close(self) -> None:
        self.client.close()


def fuzzed(asked: Fuzzed, requests: int, until: float, start: int = 0) -> Reached:
    """So many requests, shared out to all operations, or as many as there is time for."""
    sent = [0]
    faults: list[str] = []
    each = max(1, min(_ROUND, requests // (2 * len(asked.operations))))
    number = start
    while sent[0] < requests and len(faults) < FAULTS_MAX:
        for operation, described in asked.operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if sent[0] and not time_left(until):
                    return _reached(sent[0], faults, len(asked.operations))
                try:
                    _one(asked, operation, described, mode, each, number, sent)
                except Unsatisfiable:
                    # It takes nothing that could be wrong.
                    continue
                except (Exception, BaseExceptionGroup) as found:
                    said = " ".join(str(found).split())[:600]
                    faults.append(f"{operation.name}, {mode.value}, seed {number}: {said}")
        number += 1
    return _reached(sent[0], faults, len(asked.operations))


def _reached(sent: int, faults: Sequence[str], operations: int) -> Reached:
    note = f"{operations} operations, right and wrong requests"
    return Reached(reached=sent, faults=tuple(faults), note=note)


def _one(
    asked: Fuzzed,
    operation: Operation,
    described: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    examples: int,
    number: int,
    sent: list[int],
) -> None:
    """Requests of one operation. Raises what schemathesis says of the smallest that is at fault."""
    roles = operation.roles(_SITE) if operation.roles else None
    token = next(asked.tokens[role] for role in asked.tokens if role in roles) if roles else ""
    names = [name for name in asked.words if f"{{{name}}}" in operation.path]

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=described.as_strategy(generation_mode=mode),
        named=st.sampled_from((True, True, True, False)),
        known=st.sampled_from((True, True, True, True, False)),
        key=st.uuids(version=4),
    )
    def ask(case: Any, named: bool, known: bool, key: Any) -> None:
        if named:
            case.path_parameters = {**(case.path_parameters or {})} | {
                name: asked.words[name] for name in names
            }
        sending = case.as_transport_kwargs(base_url=str(asked.client.base_url))
        headers = {
            str(name): value
            for name, value in (sending.get("headers") or {}).items()
            if name.lower() not in ("authorization", "user-agent")
        }
        if token and known:
            headers["authorization"] = f"Bearer {token}"
        if mode is GenerationMode.POSITIVE:
            headers["idempotency-key"] = str(key)
        answer = _answered(asked.client, sending, headers)
        if answer is None:
            return
        sent[0] += 1
        assert answer.status_code < 500 or _not_connected(operation, answer), (
            f"{answer.status_code}: {answer.text[:200]}"
        )
        if roles and not known and named:
            assert answer.status_code == 401, f"{answer.status_code} without a token"
        if answer.status_code not in (404, 405) or named:
            case.validate_response(answer, checks=EVERY_CHECK.get_by_names(list(CHECKS)))

    ask()


def _answered(
    client: httpx.Client, sending: Mapping[str, Any], headers: Mapping[str, Any]
) -> httpx.Response | None:
    """The answer; None to what cannot be sent by HTTP at all."""
    try:
        request = client.build_request(
            sending["method"],
            sending["url"],
            params=sending.get("params"),
            json=sending.get("json"),
            content=sending.get("data") if "json" not in sending else None,
            headers=[
                (name.encode("ascii"), str(value).encode("latin-1"))
                for name, value in headers.items()
            ],
        )
        return client.send(request)
    except (UnicodeError, httpx.InvalidURL, httpx.LocalProtocolError, TypeError):
        return None


def _not_connected(operation: Operation, answer: httpx.Response) -> bool:
    """True where nobody delivers PINs here, which is said so."""
    return operation.name in ("send_pin", "ask_for_email") and answer.status_code == 503


def words_of(council: Council, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The words of addresses, of a household too, and a token of each role, the resident's last.

    The first that an operation lets in is used, so that what staff may send is sent by them.
    """
    with council.pool.connection() as connection:
        now = council.now(connection)
        tomorrow = (now + timedelta(days=1)).date()
        home = new_home(council, name, f"{tomorrow}T10:00")
        roles: tuple[TokenRole, ...] = ("auditor", "dispute", "gateway", "officer", "staff")
        tokens = {
            str(role): make_token(connection, council.schema, role, f"{role}-{name}")
            for role in roles
        }
        tokens["resident"] = home.token
    words = {
        "household": home.household,
        "zone": council.editions.latest.zones[0].id,
        "number": "PCN0000001",
        "property_ref": name,
    }
    return words, tokens


def run(figure: int, until: float) -> Reached:
    """The piece of the proof: so many requests, to the program on a server of its own."""
    name = a_council()
    with own_server() as server:
        with open_councils(server.dsn, [name], commands_max=2, checks_max=1) as councils:
            words, tokens = words_of(councils[name], f"fuzzed-{datetime.now(UTC):%H%M%S}")
        port = free_port()
        program = Program(server.dsn, server.folder / "serve.log", "serve", "--port", str(port))
        try:
            if not wait_for_web(program, port):
                raise NotRun("the program does not answer")
            asked = Fuzzed(f"http://127.0.0.1:{port}", name, words, tokens)
            try:
                return fuzzed(asked, figure, until, start=int(time.time()) % 100_000)
            finally:
                asked.close()
        finally:
            program.stop()
