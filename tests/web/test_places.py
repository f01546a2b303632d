"""Where a request came from is what a trusted proxy says, and no stranger (promises.md P17)."""

import pytest
from litestar.testing import TestClient

from scripts.settings import trusted_proxies
from scripts.wrong import Wrong
from web.app import create_app
from web.places import OWN_MACHINE, networks, place

OURS = networks("10.0.0.0/8, 2001:db8::/32")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "where"),
    [
        ("203.0.113.9", [], OURS, "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], OURS, "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], OWN_MACHINE, "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], OWN_MACHINE, "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1"], (), "127.0.0.1"),
        ("", ["198.51.100.1"], OWN_MACHINE, "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1"], OURS, "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1, 198.51.100.1, 10.9.9.9"], OURS, "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1", "198.51.100.1", "10.9.9.9"], OURS, "198.51.100.1"),
        ("10.1.2.3", ["not an address"], OURS, "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1, nonsense, 10.9.9.9"], OURS, "10.9.9.9"),
        ("10.1.2.3", ["198.51.100.1:4711"], OURS, "198.51.100.1"),
        ("10.1.2.3", ["[2001:db9:0:1::7]:4711"], OURS, "2001:db9:0:1::/64"),
        ("::ffff:10.1.2.3", ["198.51.100.1"], OURS, "198.51.100.1"),
        ("2001:db9:0:1:2:3:4:5", [], OURS, "2001:db9:0:1::/64"),
        ("10.1.2.3", ["10.4.4.4"], OURS, "10.4.4.4"),
        ("a-socket", ["198.51.100.1"], OURS, "a-socket"),
    ],
)
def test_the_header_is_believed_from_its_end_for_as_long_as_it_is_trusted(
    peer, forwarded, trusted, where
):
    assert place(peer, forwarded, trusted) == where


def test_a_setting_names_addresses_and_networks():
    assert trusted_proxies({}) == OWN_MACHINE
    assert trusted_proxies({"PERMIT_LEDGER_TRUSTED_PROXIES": "none"}) == ()
    assert trusted_proxies({"PERMIT_LEDGER_TRUSTED_PROXIES": " 192.0.2.1 ,2001:db8::/32"}) == (
        networks("192.0.2.1/32,2001:db8::/32")
    )


@pytest.mark.parametrize(
    "written", ["proxy.example", "10.0.0.0/8,", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/99"]
)
def test_a_setting_that_is_none_stops_the_program_and_is_named(written):
    with pytest.raises(Wrong, match="PERMIT_LEDGER_TRUSTED_PROXIES"):
        trusted_proxies({"PERMIT_LEDGER_TRUSTED_PROXIES": written})


def test_a_stranger_cannot_say_that_they_are_somewhere_else(served):
    """Tries are counted for the place: a header would else make a new place of every try."""
    app = create_app(served.councils, messages=served.outbox, secure_cookies=False)
    body = {"email": "nobody-at-all@example.org", "pin": "000000"}
    with TestClient(app) as client:
        answers = [
            client.post(
                "/api/v1/stevenage/sign-in/sessions",
                json=body,
                headers={"x-forwarded-for": f"198.51.100.{n}"},
            ).status_code
            for n in range(11)
        ]

    assert answers == [401] * 10 + [429]
