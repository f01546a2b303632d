"""The bench's server: the program as it is served, and one address more that answers a constant.

`python -m scripts.benches.served DSN PORT [COUNCIL]`
"""

import sys

from litestar import Response, get

from ledger.scheme.loading import built_in, load_folder
from ledger.store.pool import open_pool
from scripts.benches.households import SCHEMES, bench_editions
from services.council import Council
from web.app import create_app
from web.pages import rendering
from web.serving import serve_app

CONSTANT = "/constant"


@get(CONSTANT, name="constant", sync_to_thread=False)
def constant() -> Response[bytes]:
    return Response(content=b'{"status":"ok"}', media_type="application/json")


def main(arguments: list[str]) -> int:
    dsn, port, *named = arguments
    editions = load_folder(SCHEMES).editions(named[0]) if named else bench_editions()
    with open_pool(dsn, 4, "commands") as pool, open_pool(dsn, 8, "checks") as checks:
        name = editions.latest.id
        app = create_app({name: Council(name, pool, checks, editions)}, secure_cookies=False)
        app.register(constant)
        rendering.warm()
        built_in()
        serve_app(app, "127.0.0.1", int(port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
