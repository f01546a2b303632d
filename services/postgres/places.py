"""Where the embedded server lives.

A requested data folder gets one folder of ours, `postgres-18`, owned by the server's user and
closed to everybody else; nothing that was there before us is ever given another mode or owner.
Where root asks and the server's user cannot enter the requested folder (a checkout below root's
private home), the cluster lives below `/var/lib/permit-ledger` instead.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from msgspec import Struct

from services.postgres.accounts import Account, can_enter
from services.postgres.faults import Unreachable

MAJOR = "18"
PRIVATE_ROOT = Path("/var/lib/permit-ledger")
SOCKET_PATH_BYTES_MAX = 107
PORT = 5432
"""Only the name of the socket: the server listens on no network."""

_CLUSTER = f"postgres-{MAJOR}"
_SHORT_SOCKETS = Path("/tmp")


class Home(Struct, frozen=True, kw_only=True):
    """The folder that holds the cluster's folder, and root's private folder for the same
    request."""

    folder: Path
    private: Path

    @property
    def cluster(self) -> Path:
        return self.folder / _CLUSTER

    @property
    def data(self) -> Path:
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        return self.cluster / "server.log"

    @property
    def lock(self) -> Path:
        return self.folder / f"{_CLUSTER}.lock"

    @property
    def replica(self) -> "Home":
        """Where a replica of this cluster is made."""
        return Home(folder=self.folder / "replica", private=self.private)

    @property
    def superseded(self) -> Path:
        """The mark of a cluster whose replica was promoted: it is not to be started again."""
        return self.data / "superseded.by"

    @property
    def socket_folder(self) -> Path:
        """Beside the data, or, where the path would pass the kernel's limit, below /tmp."""
        beside = self.cluster / "socket"
        if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES_MAX:
            return beside
        return _SHORT_SOCKETS / f"permit-ledger-{_digest(self.cluster)}"


def existing_home(requested: Path, private_root: Path) -> Home | None:
    """Where this request's cluster already is. Its place, once chosen, is kept: data never seems
    lost because a mode was changed. Raises Unreachable where a folder may not be looked into."""
    private = private_root / _digest(requested)
    folders = (requested, private) if os.geteuid() == 0 else (requested,)
    for folder in folders:
        home = Home(folder=folder, private=private)
        try:
            if home.data.is_dir():
                return home
        except PermissionError as error:
            raise not_ours(home.cluster) from error
    return None


def new_home(requested: Path, account: Account, private_root: Path) -> Home:
    """Where to make a cluster: the requested folder if the server's user can enter it, or else
    root's private one. Makes the missing folders of the path. Raises Unreachable."""
    private = private_root / _digest(requested)
    folder = requested
    if account.switch and not can_enter(account, _nearest_folder(requested)):
        folder = private
    make_folders(folder)
    if not can_enter(account, folder):
        raise Unreachable(f"{account.name} cannot enter {folder}")
    return Home(folder=folder, private=private)


def not_ours(folder: Path) -> Unreachable:
    return Unreachable(
        f"{folder} belongs to another user; run as that user, choose another data folder, or set "
        "DATABASE_URL"
    )


def make_folders(folder: Path) -> None:
    """The folder and its missing parents, enterable by all; those that exist stay as they are."""
    if not folder.is_dir():
        make_folders(folder.parent)
        make_folder(folder, 0o755, None)


def make_folder(folder: Path, mode: int, account: Account | None) -> None:
    """One folder, seen by nobody before it has its mode and owner. Left as it is where it
    exists."""
    if folder.is_dir():
        return
    try:
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    except PermissionError as error:
        raise Unreachable(f"may not make {folder}: {error.strerror}") from error
    new.chmod(mode)
    if account is not None and account.switch:
        os.chown(new, account.uid, account.gid)
    try:
        new.rename(folder)
    except OSError:
        # Another process was first, and has already put something in it.
        new.rmdir()
        if not folder.is_dir():
            raise


def make_socket_folder(home: Home, account: Account) -> None:
    """The folder is the lock on the door: 0700 and the server's own, or it is refused (below /tmp
    anybody could have made it first). Root enters it all the same."""
    folder = home.socket_folder
    make_folder(folder, 0o700, account)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise Unreachable(f"{folder} is not a private folder of {account.name}; remove it")


def _nearest_folder(folder: Path) -> Path:
    while not folder.is_dir():
        folder = folder.parent
    return folder


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
