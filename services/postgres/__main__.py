"""`python -m services.postgres start|stop|status DATA_FOLDER`: the embedded server by hand.

Exit status: 0 done, 1 a fault (or `status` of a server that is not running), 2 wrong usage.
"""

import argparse
import os
import sys
from pathlib import Path

from services.postgres.accounts import USER_SETTING
from services.postgres.embedded import EmbeddedPostgres
from services.postgres.faults import PostgresFault


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="services.postgres")
    parser.add_argument("action", choices=("start", "stop", "status"))
    parser.add_argument("data_folder", type=Path)
    asked = parser.parse_args(arguments)
    try:
        said, done = _act(asked.action, asked.data_folder)
    except PostgresFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0 if done else 1


def _act(action: str, data_folder: Path) -> tuple[str, bool]:
    server = EmbeddedPostgres(data_folder, user=os.environ.get(USER_SETTING, ""))
    match action:
        case "start":
            return server.start(), True
        case "stop":
            return ("stopped" if server.stop() else "was not running"), True
        case _:
            status = server.status()
            parts = (status.state, status.pid, status.dsn, status.data)
            return " ".join(str(part) for part in parts if part), status.state == "running"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
