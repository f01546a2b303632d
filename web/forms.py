"""Plain forms: strict to read, and only good from the page that was sent to the same browser.

The hidden field is a digest of a cookie that no other site can read: whoever can send it has seen
the page. Cookies are HttpOnly and SameSite=Strict as well.
"""

from hashlib import sha256
from hmac import compare_digest
from urllib.parse import parse_qsl

from web.operations import Asked
from web.problems import Wrong

FIELDS_MAX = 10


def read(request: Asked, body: bytes) -> dict[str, str]:
    """The fields of a form, each once. Raises Wrong `not-json` or `malformed`."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise Wrong("not-json", "Send a form.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise Wrong("malformed", "The form cannot be read.") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Wrong("malformed", "A field occurs twice.")
    return fields


def proof(cookie: str) -> str:
    """The hidden field that goes with a cookie."""
    return sha256(b"form/" + cookie.encode()).hexdigest()


def refuse_forged(request: Asked, fields: dict[str, str], cookie: str) -> None:
    """Raises Wrong `not-allowed` for a form that did not come from our own page."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    sent = fields.get("proof", "").encode()
    if (
        not cookie
        or not compare_digest(sent, proof(cookie).encode())
        or site not in ("same-origin", "none")
    ):
        raise Wrong("not-allowed", "The form is stale or came from elsewhere. Open the page again.")
