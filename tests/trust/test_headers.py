"""What every answer carries, whoever asked for whatever: good, refused, wrong, or not there.

Source: promises.md section 4; OWASP ASVS 3.3, 3.4, 14.3.2.
"""

import re

import pytest
from litestar.testing import TestClient

from tests.trust import reach
from tests.trust.people import COUNCIL, OTHER
from tests.trust.test_api_matrix import ask as ask_api
from tests.trust.test_page_matrix import PAGES
from tests.trust.test_page_matrix import ask as ask_page
from web.api import OPERATIONS
from web.app import HEADERS, create_app

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": HEADERS["permissions-policy"],
}
SHARED = re.compile(r"/static/|/look\.css$|manifest\.webmanifest$")


def headed(answer, where):
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, (where, name, answer.headers.get(name))
    policy = answer.headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy or "sandbox" in policy, (where, policy)
    assert not re.search(r"unsafe|\*", policy), (where, policy)
    assert len(answer.headers.get_list("content-security-policy")) == 1, where
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"]), where
    assert answer.headers.get("content-type", "").count("charset") <= 1, where
    assert not {"server", "x-powered-by"} & set(answer.headers), where
    if not SHARED.search(str(answer.url.path)):
        assert answer.headers["cache-control"] == "no-store", (where, answer.headers)


def test_every_operation_and_page_is_headed(people):
    for operation in OPERATIONS:
        for secret in ("", people.tokens["staff"], people.tokens["resident"]):
            if operation.name != "zone_stream":
                headed(ask_api(people, operation, secret), operation.name)
    for page in PAGES:
        for role in ("", *sorted(page.roles or ())):
            headed(ask_page(people, page, people.sessions[role] if role else ""), page.path)


def test_every_other_route_and_what_is_not_there_is_headed(people):
    client = people.served.client
    for method, path in [*reach.routed(people.served.app), ("GET", "/a/b/c"), ("PUT", "/")]:
        asked = path.replace("/{council}", f"/{COUNCIL}")
        if "{" not in asked:
            headed(client.request(method, asked, follow_redirects=False), path)


def test_what_is_shared_and_kept_names_nobody(people):
    """Only files that are the same for everybody may be kept by anybody."""
    for _, path in reach.routed(people.served.app):
        if SHARED.search(path):
            answer = people.served.client.get(path.replace("{council}", COUNCIL))
            assert "set-cookie" not in answer.headers, path


@pytest.fixture
def over_tls(people):
    app = create_app(people.served.councils, messages=people.served.outbox)
    with TestClient(app, base_url="https://permits.example") as client:
        yield client


def test_over_tls_every_answer_says_to_stay_there(over_tls):
    for path in ("/", "/health", f"/{COUNCIL}", f"/{COUNCIL}/officer", "/nothing/there"):
        assert over_tls.get(path).headers["strict-transport-security"] == "max-age=31536000", path
    body = {"mark": "AB12CDE", "zone": "OT"}
    for secret in ("", "Bearer plt_none"):
        answer = over_tls.post(
            f"/api/v1/{COUNCIL}/enforcement/checks", json=body, headers={"authorization": secret}
        )
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_without_tls_nothing_says_so(people):
    """On one's own machine it would lock the browser out of everything else there."""
    assert "strict-transport-security" not in people.served.client.get("/").headers


def test_every_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(over_tls):
    seen = set()
    for path in (f"/{COUNCIL}", f"/{COUNCIL}/sign-in", f"/{OTHER}/register", f"/{COUNCIL}/officer"):
        for cookie in over_tls.get(path).headers.get_list("set-cookie"):
            parts = [each.strip().lower() for each in cookie.split(";")]
            name = parts[0].partition("=")[0]
            seen.add(name)
            assert {"httponly", "secure"} <= set(parts), cookie
            assert {"samesite=lax", "samesite=strict"} & set(parts), cookie
            if name.startswith("__host-"):
                assert "path=/" in parts, cookie
                assert not any(each.startswith("domain") for each in parts), cookie
            else:
                assert f"path=/{COUNCIL}/officer" in parts, cookie
    assert len(seen) >= 2, seen
