"""The base of every page: where a form may come from, its cookies, what is told of errors."""

import re

import pytest

from services.identity import sessions
from services.identity.tokens import make_token
from web.pages import forms, looks, registry, rendering
from web.pages.staff_sign_in import within
from web.problems import Wrong

FIRST = "/stevenage/staff/sign-in"


def proof_of(page):
    return re.search(r'name="proof" value="([0-9a-f]+)"', page.text)[1]


def signed_in(served, role="resident"):
    home = served.home()
    with home.council.pool.connection() as connection:
        secret = sessions.begin_session(
            connection,
            home.council.schema,
            role=role,
            name="r",
            at=served.at,
            household_id=home.id,
            resident_id=home.resident,
        )
    served.client.cookies.set("stevenage", secret)
    return secret


def test_a_form_from_elsewhere_is_turned_away(served):
    """Proof, cookie and Sec-Fetch-Site each have to be ours (OWASP ASVS 3.5.1)."""
    proof = proof_of(served.client.get(FIRST))
    sent = {"proof": proof, "name": "a", "password": "b", "code": "1"}

    assert served.client.post(FIRST, data=sent).status_code == 422
    assert served.client.post(FIRST, data={**sent, "proof": "0" * 64}).status_code == 403
    assert served.client.post(FIRST, data={**sent, "proof": "é"}).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert served.client.post(FIRST, data=sent, headers=elsewhere).status_code == 403
    served.client.cookies.clear()
    assert served.client.post(FIRST, data=sent).status_code == 403


def test_every_page_forbids_scripts_of_its_own_and_frames(served):
    page = served.client.get("/stevenage")

    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|onclick", page.text)


def test_what_is_to_be_mended_is_told_above_the_form_and_at_its_field(served):
    proof = proof_of(served.client.get(FIRST))

    page = served.client.post(FIRST, data={"proof": proof, "name": '"><b>'})

    assert page.status_code == 422
    assert 'href="#password"' in page.text
    assert 'id="password-error"' in page.text
    assert "<title>Error: Staff sign-in" in page.text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page.text


def test_whoever_signs_out_has_no_session_with_the_old_cookie(served):
    secret = signed_in(served)
    page = served.client.get("/stevenage/privacy")
    assert "Sign out" in page.text

    out = served.client.post(
        "/stevenage/sign-out", data={"proof": proof_of(page)}, follow_redirects=False
    )

    assert (out.status_code, out.headers["location"]) == (303, "/stevenage")
    assert "max-age=0" in out.headers["set-cookie"].lower()
    served.client.cookies.delete("stevenage", domain="", path="/")
    assert "You are signed out." in served.client.get("/stevenage").text
    assert "You are signed out." not in served.client.get("/stevenage").text
    served.client.cookies.set("stevenage", secret)
    assert "Sign out" not in served.client.get("/stevenage").text


def test_an_api_token_is_no_session(served):
    with served.councils["stevenage"].pool.connection() as connection:
        served.client.cookies.set("stevenage", make_token(connection, "stevenage", "staff", "s"))

    assert "Sign out" not in served.client.get("/stevenage").text


def test_a_session_of_one_council_is_none_at_another(served):
    secret = signed_in(served)
    served.client.cookies.set("gravesham", secret)

    assert "Sign out" not in served.client.get("/gravesham").text


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil", "/a\r\nb: c"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(path):
    assert within(path) == ""


def test_a_file_and_fields_are_read_from_parts():
    body = (
        b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\n'
        b'content-disposition: form-data; name="f"; filename="p.png"\r\n\r\n\x89PNG\r\n--x--\r\n'
    )

    form = forms.read("multipart/form-data; boundary=x", body)

    assert form.get("a") == "1"
    assert form.files["f"] == forms.Upload(file_name="p.png", content=b"\x89PNG")
    for broken in (body[:-8], body[:40], b"junk", b""):
        with pytest.raises(Wrong):
            forms.read("multipart/form-data; boundary=x", broken)


@pytest.mark.parametrize("body", [b"a=%00", b"a=%E2%80%AE", b"a=%FF", b"a", b"a=\xff"])
def test_what_no_browser_sends_is_not_read(body):
    with pytest.raises(Wrong):
        forms.read("application/x-www-form-urlencoded", body)


def test_white_cannot_be_read_on_a_light_colour(tmp_path, monkeypatch):
    default = (looks.LOOKS / "default.toml").read_text()
    (tmp_path / "default.toml").write_text(default.replace("#1d4f57", "#8ab4d8"))
    monkeypatch.setattr(looks, "LOOKS", tmp_path)

    with pytest.raises(ValueError, match="contrast"):
        looks.look_of("x", "X")


def test_every_page_has_a_name_and_an_address_of_its_own():
    assert len({page.name for page in registry.PAGES}) == len(registry.PAGES)
    assert len({(page.method, page.path) for page in registry.PAGES}) == len(registry.PAGES)


def test_no_visitor_waits_for_a_template_to_be_made():
    """Every one is compiled before the server listens, and none is looked for on the disk again."""
    rendering.warm()

    made = rendering.environment()
    assert made.cache is not None
    names = {name for _, name in made.cache}
    assert names >= set(made.list_templates(extensions=["html"]))
    assert not made.auto_reload
