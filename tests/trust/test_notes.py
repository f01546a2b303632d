"""What the program writes down for its operators holds nothing of anybody's.

A journey with words that occur nowhere else is made through the real program, good and bad; then
everything it wrote, every problem it answered, and what the machine's list of processes shows are
searched for each of them, as it was sent and in other spellings.

Source: design section 7; OWASP ASVS 16.2.5, 14.2.1.
"""

import base64
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest

from scripts.prove.writers import a_council, new_home
from services.councils import open_councils
from services.identity.tokens import make_token
from tests.browser.harness import served as program

CANARIES = {
    "mark": "C4N4RY7",
    "name": "Quetzalcoatl Featherstonehaugh",
    "email": "canary-7719@nowhere.example",
    "mobile": "07700900719",
    "street": "Xylophone Crescent",
    "key": "canary-key-3141592",
    "device": "canary-device-2718",
    "pin": "719719",
}


class Journey:
    """Sends what holds canaries, by the API and by forms; every problem it is told is kept."""

    def __init__(self, address, council, home, tokens):
        self.client = httpx.Client(base_url=address, timeout=20)
        self.council, self.home, self.tokens = council, home, tokens
        self.problems = []

    def send(self, path, body, role, **headers):
        sent = {
            "authorization": f"Bearer {self.tokens[role]}",
            "idempotency-key": f"{CANARIES['key']}-{len(path)}-{role}",
            "x-device": CANARIES["device"],
            **headers,
        }
        where = f"/api/v1/{self.council}/{path}"
        answer = self.client.post(where, json=body, headers=sent)
        self.heard(answer)

    def heard(self, answer):
        if answer.status_code >= 400:
            self.problems.append(f"{answer.status_code} {answer.headers} {answer.text}")

    def go(self):
        word, home = CANARIES, f"households/{self.home.household}/commands"
        checks = "enforcement/checks"
        self.send(checks, {"mark": word["mark"], "zone": "?"}, "officer")
        self.send(checks, {"mark": word["mark"] * 20, "zone": "OT"}, "officer")
        self.send(checks, {"mark": word["name"], "zone": "OT", word["street"]: 1}, "officer")
        self.send(checks, {"mark": f"{word['mark']}\u0000", "zone": "OT"}, "officer")
        self.send(checks, {"mark": "AB12CDE", "zone": "OT", "bay": word["mark"]}, "officer")
        self.send(checks, {"mark": "AB12CDE", "zone": {word["street"]: 1}}, "officer")
        self.send(checks, {"mark": "AB12CDE", "zone": "OT", "at": word["street"]}, "officer")
        self.send("enforcement/lookups/search", {"mark": word["mark"]}, "auditor")
        self.send(f"{home}/book_voucher", {"vehicles": [word["mark"]]}, "resident")
        self.send(f"{home}/book_voucher", {"vehicles": word["mark"]}, "resident")
        self.send(f"{home}/save_visitor", {"vehicle": word["mark"], "name": word["name"]}, "staff")
        self.send(
            f"{home}/save_visitor", {"vehicle": word["name"], "name": word["name"]}, "resident"
        )
        self.send(f"{home}/link_mobile", {"mobile": word["mobile"]}, "resident")
        self.send(f"{home}/enrol_resident", {"name": word["name"], "email": word["email"]}, "staff")
        self.send(f"{home}/enrol_resident", {"name": word["name"], "email": word["email"]}, "staff")
        self.send(f"{home}/{word['street']}", {}, "staff")
        self.send("texts", {"from": word["mobile"], "body": word["mark"]}, "gateway")
        self.send("sign-in/pins", {"email": word["email"]}, "staff")
        self.send("sign-in/sessions", {"email": word["email"], "pin": word["pin"]}, "staff")
        listed = {"property_ref": "p-1", "zone": word["mark"], "address": word["street"]}
        self.send("properties", listed, "staff")
        self.send("registrations", {"property_ref": word["street"], "name": word["name"]}, "staff")
        self.send(checks, {"mark": word["mark"]}, "officer", authorization=f"Bearer {word['key']}")
        for path in (
            f"/{self.council}/{word['street']}",
            f"/{word['name']}/officer",
            f"/{self.council}/sign-in?to=/{word['mark']}",
            f"/api/v1/{self.council}/households/{word['name']}",
            f"/api/v1/{self.council}/properties/{word['street']}",
        ):
            bearer = {"authorization": f"Bearer {self.tokens['staff']}"}
            self.heard(self.client.get(path, headers=bearer))
        form = {"address": word["email"], "pin": word["pin"], "proof": word["key"]}
        self.heard(self.client.post(f"/{self.council}/sign-in", data=form))
        self.heard(self.client.post(f"/{self.council}/sign-in/pin", data=form))
        self.heard(self.client.post(f"/{self.council}/officer", data={"mark": word["mark"]}))
        self.client.close()


def spellings(word):
    """The word, and as it might be written by somebody who did not mean to."""
    plain = word.encode()
    yield from (word, word.lower(), quote(word), plain.hex(), repr(word)[1:-1])
    yield base64.b64encode(plain).decode().rstrip("=")[:-1]
    if word.startswith("0"):
        yield f"+44{word[1:]}"


def processes():
    """What anybody on the machine sees of every process of ours: its words, and its title."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("latin-1"))
        except OSError:
            continue
    return "\n".join(found)


@pytest.fixture
def journey(database, tmp_path):
    name = a_council()
    with open_councils(database, [name], commands_max=2, checks_max=1) as councils:
        council = councils[name]
        home = new_home(council, "canary", "2030-01-01T10:00")
        with council.pool.connection() as connection:
            tokens = {
                role: make_token(connection, council.schema, role, f"{role}-1")
                for role in ("officer", "staff", "auditor", "gateway")
            }
    tokens["resident"] = home.token
    with program(database, Path(tmp_path), (name,)) as (address, _, log):
        made = Journey(address, name, home, tokens)
        made.go()
        made.processes = processes()
        made.activity = activity(database)
    # It has stopped: all that it had to say is written.
    made.log = log.read_text()
    return made


def activity(dsn):
    """What the server's list of sessions shows of the texts that were run last."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select query, application_name from pg_stat_activity"
            " where datname = current_database()"
        ).fetchall()
    return "\n".join(f"{query} {name}" for query, name in rows)


def test_nothing_of_anybody_is_in_notes_problems_or_process_titles(journey):
    assert journey.log.count('"event":"answered"') > 25, journey.log[-500:]
    assert len(journey.problems) > 15
    for what, where in (
        ("notes", journey.log),
        ("problems", "\n".join(journey.problems)),
        ("processes", journey.processes),
        ("sessions", journey.activity),
    ):
        for kind, word in CANARIES.items():
            for spelled in spellings(word):
                assert spelled not in where, (what, kind, _around(where, spelled))
        for role, secret in journey.tokens.items():
            assert secret not in where, (what, role)


def _around(text, word):
    at = text.index(word)
    return text[max(0, at - 200) : at + 100]
