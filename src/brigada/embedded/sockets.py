"""Where the embedded servers' Unix sockets lie."""

import hashlib
import os
import tempfile
from pathlib import Path

from brigada.embedded.process import Account, StartError, private_folder

PATH_MAX_BYTES = 100
"""Unix socket paths end at 107 bytes on Linux and 103 on macOS (sockaddr_un), with the final zero."""

LONGEST_NAME = ".s.PGSQL.5432.lock"


def socket_folder(data_dir: Path, account: Account) -> Path:
    """A folder open to the account alone: `run` in the data folder, or a short one for a long path.

    Raises:
        StartError: the short folder belongs to somebody else.
    """
    inside = data_dir / "run"
    if len(os.fsencode(inside / LONGEST_NAME)) <= PATH_MAX_BYTES:
        return private_folder(inside, account)
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"brigada-{digest}"
    owner = os.geteuid() if account.uid is None else account.uid
    if short.is_symlink() or (short.exists() and short.stat().st_uid != owner):
        raise StartError(
            f"{short} belongs to somebody else: remove it, or give a shorter path in BRIGADA_DATA_DIR"
        )
    return private_folder(short, account)
