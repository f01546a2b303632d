"""What the tests of buying do on the pages: apply, prove and pay, as a resident would."""

from io import BytesIO

from PIL import Image

from tests.web.page_client import PageClient

VOUCHERS = "virtual-visitor-vouchers"


def a_resident(served, sandboxed, council="stevenage"):
    home = served.home(council)
    browser = PageClient(sandboxed, home.council)
    browser.sign_in(home.id, home.resident, served.at)
    return home, browser


def photo(kind="JPEG"):
    written = BytesIO()
    Image.new("RGB", (60, 80), "white").save(written, kind)
    return written.getvalue()


def applied(browser, **changed):
    """Apply for a set of vouchers, up to the page that asks for a proof."""
    browser.open(f"/apply/{VOUCHERS}")
    browser.send(f"/apply/{VOUCHERS}", **changed)
    assert browser.path == f"/apply/{VOUCHERS}/check", browser.said()
    browser.send(f"/apply/{VOUCHERS}/check", confirm="vehicle_limits")
    assert browser.path.endswith("/proof"), browser.said()
    return browser.path.split("/")[2]


def proved(browser, application):
    browser.open(f"/applications/{application}/proof")
    return browser.send(
        f"/applications/{application}/proof",
        document="full_uk_driving_licence",
        files={"file": ("licence.jpg", photo(), "image/jpeg")},
    )


def paid(browser, outcome="authorised"):
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    return browser.send(f"/sandbox/payments/{reference}", do=outcome)
