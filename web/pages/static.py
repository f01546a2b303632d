"""The files that pages share: styles and script as built, each at an address that changes with it.

What was not built is not there: a page is whole without its styles.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

STATIC = Path(__file__).resolve().parent.parent / "static"
FILES = {
    "built/pages.css": "text/css",
    "built/govuk-frontend.min.js": "text/javascript",
    "pages.js": "text/javascript",
    "replay.js": "text/javascript",
}
_KEPT = {"cache-control": "public, max-age=3600"}


@cache
def addresses() -> dict[str, str]:
    """The address of each file that is there, by its name."""
    return {
        name: f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
        for name in FILES
        if (STATIC / name).is_file()
    }


def routes() -> list[HTTPRouteHandler]:
    """One for each file that is there."""
    return [_file(name, FILES[name]) for name in addresses()]


def _file(name: str, media_type: str) -> HTTPRouteHandler:
    content = (STATIC / name).read_bytes()

    def shared() -> Response[bytes]:
        return Response(content=content, media_type=media_type, headers=_KEPT)

    return get(f"/static/{name}", name=f"static_{name}", sync_to_thread=False)(shared)
