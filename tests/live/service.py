"""API processes as the supervisor starts them, over one database."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from brigada.server.supervisor import Supervisor, open_port
from brigada.settings import Settings, load_settings
from live.ports import free_port

SECRET = "k7Qm2Zx9Lw4Vb8Np3Rt6Yc1Hd5Jg0Fs_-aUe"
HEARTBEAT_S = 0.5


def live_settings(folder: Path, database_url: str, redis_url: str, **overrides: object) -> Settings:
    """Settings of a service for a test: no TLS, no limits in the way, a quick heartbeat."""
    values: dict[str, object] = {
        "mode": "test",
        "data_dir": folder,
        "port": free_port(),
        "tls": False,
        "secret_key": SECRET,
        "database_url": database_url,
        "redis_url": redis_url,
        "heartbeat_s": HEARTBEAT_S,
        "login_limit_per_address": 100_000,
        "login_limit_per_account": 100_000,
        "public_limit_per_address": 1_000_000,
        "shutdown_grace_s": 3,
        "log_level": "warning",
        **overrides,
    }
    return load_settings(_env_file=None, **values)


class Process:
    """One port, served by one API process (or by several that share it: `workers` in the settings)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log = settings.data_dir / f"api-{settings.port}.log"
        self.url = f"http://127.0.0.1:{settings.port}"
        self._supervisor: Supervisor | None = None

    @property
    def pids(self) -> list[int]:
        assert self._supervisor is not None
        return self._supervisor.pids

    @property
    def pid(self) -> int:
        return self.pids[0]

    def start(self) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        listener = open_port(self.settings.host, self.settings.port)
        self._supervisor = Supervisor(self.settings, listener, log=self.log)
        self._supervisor.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it as a deployment does; nothing to do when it has ended."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None

    def memory(self) -> int:
        """Bytes of memory that the process holds alone."""
        with Path(f"/proc/{self.pid}/smaps_rollup").open() as lines:
            return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private"))

    def faults(self) -> str:
        """What the process logged as a bug."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        bad = [line for line in text.splitlines() if '"error"' in line or "Traceback" in line]
        return "\n".join(bad)


@contextmanager
def processes(settings: Sequence[Settings]) -> Iterator[list[Process]]:
    """Start a process for each of the settings; stop all afterwards."""
    started = [Process(one) for one in settings]
    try:
        for process in started:
            process.start()
        yield started
    finally:
        for process in started:
            process.stop()
