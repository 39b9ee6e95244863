"""Ports for the services of tests: no two runs of tests on one machine are ever given the same one."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

FIRST, COUNT = 16_000, 16_000
"""Below the range of outgoing connections: a client that asks a port of that range may meet itself."""

_claims: list[int] = []


def free_port() -> int:
    """A port that nobody listens on, claimed for this process to its end.

    Looking alone would not do: two runs that look at the same moment both find it free, and one fails to open it. So
    each port has a file, and whoever locks it has the port; the system lets go of it however the process ends.
    """
    folder = Path(tempfile.gettempdir()) / "brigada-test-ports"
    folder.mkdir(exist_ok=True)
    start = os.getpid() * 7
    for offset in range(COUNT):
        port = FIRST + (start + offset) % COUNT
        if (claim := _claim(folder / str(port))) is None:
            continue
        if _is_free(port):
            _claims.append(claim)
            return port
        os.close(claim)
    raise RuntimeError("no free port")


def _claim(path: Path) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError:  # another account's
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without SO_REUSEADDR: a port that another program has bound but does not listen on yet is not free either.
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
