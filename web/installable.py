"""What makes the officer's page installable: a manifest for each council, and icons.

There is no service worker. A page that is kept for later would show an old answer as if it were
one: without a line there is no answer here, and a device that needs one holds a signed list.
"""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from web.operations import Asked, Site, council_of

STATIC = Path(__file__).resolve().parent / "static"
FILES = {
    "officer.css": "text/css",
    "icon.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
}
_KEPT = {"cache-control": "public, max-age=300"}


def routes(site: Site) -> list[HTTPRouteHandler]:
    """The manifest of each council's page, and the files that every page shares."""

    @get(
        "/{council:str}/officer/manifest.webmanifest", name="officer_manifest", sync_to_thread=False
    )
    def manifest(request: Asked) -> Response[bytes]:
        council = council_of(site, str(request.path_params["council"]))
        content = msgspec.json.encode(manifest_of(council.id, council.editions.latest.council))
        return Response(content=content, media_type="application/manifest+json", headers=_KEPT)

    return [manifest, *(_file(name, media_type) for name, media_type in FILES.items())]


def _file(name: str, media_type: str) -> HTTPRouteHandler:
    content = (STATIC / name).read_bytes()

    def shared() -> Response[bytes]:
        return Response(content=content, media_type=media_type, headers=_KEPT)

    route = get(f"/static/{name}", name=f"static_{name}", sync_to_thread=False)
    return route(shared)


def manifest_of(council_id: str, council: str) -> dict[str, Any]:
    """The page as an application of its own on a phone."""
    page = f"/{council_id}/officer"
    return {
        "id": page,
        "name": f"Vehicle check, {council}",
        "short_name": "Vehicle check",
        "lang": "en-GB",
        "start_url": page,
        "scope": page,
        "display": "standalone",
        "background_color": "#f6f5f1",
        "theme_color": "#1a3f7a",
        "icons": [
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            *(
                {
                    "src": f"/static/icon-{size}.png",
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for size in (192, 512)
                for purpose in ("any", "maskable")
            ),
        ],
    }
