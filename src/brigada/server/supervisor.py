"""The parent of the API processes: opens the port, starts them, starts again those that end, stops all."""

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from brigada.embedded.process import StartError, die_with_parent, tail
from brigada.server.handover import as_line
from brigada.server.worker import BACKLOG
from brigada.settings import Settings

APP = "brigada.app:create_app"

START_TIMEOUT_S = 180.0
"""A start takes two or three seconds; a busy small machine may need ten times that."""

MEASURES = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the Prometheus client learns, when it is imported, where processes share their measures."""

TEND_S = 0.5
"""Seconds between two looks at the children."""

QUICK_DEATH_S = 5.0
"""A process that ends sooner than this after its start did no work: something is wrong with all of them."""

QUICK_DEATHS_ALLOWED = 5

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

PORT_PATIENCE_S = 1.0
"""After a kill the old processes let go of the port within milliseconds; another program does not."""


def open_port(host: str, port: int) -> socket.socket:
    """Bind the address, without listening yet.

    Raises:
        StartError: it is taken, not this machine's, or not allowed to this user.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + PORT_PATIENCE_S
    while True:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise StartError(_why_not(host, port, error)) from error
        return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop it, or choose another port in BRIGADA_PORT"
    if error.errno == errno.EACCES:
        return f"This user may not open port {port}: choose one of 1024 or more in BRIGADA_PORT"
    return f"The address {host} can't be opened ({error.strerror}): give one of this machine in BRIGADA_HOST"


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    ready: int
    started: float
    is_ready: bool = False


@dataclass
class Supervisor:
    """Runs `settings.workers` API processes on one socket.

    Life: `warm()` lets them import, `start(settings)` lets them serve, `run()` tends, `stop()` ends them.
    `tend` is called twice a second, to start the servers beside them again; what it returns is reported.
    """

    settings: Settings
    """What the processes serve with; `start` may replace it by one that knows more."""
    listener: socket.socket
    app: str = APP
    log: Path | None = None
    tend: Callable[[], list[str]] = list
    report: Callable[[str], None] = print
    _workers: list[_Worker] = field(default_factory=list)
    _quick_deaths: int = 0
    _measures: Path | None = None
    """Where several processes keep their measures, so that whichever is asked answers for all; new at each start."""

    def warm(self) -> None:
        """Start the processes as far as they come without their settings."""
        self._workers = [self._spawn() for _ in range(self.settings.workers)]

    def start(self, settings: Settings | None = None) -> None:
        """Let every process serve, and wait until each accepts connections.

        Raises:
            StartError: one ended or did not get ready.
        """
        self.settings = settings or self.settings
        self.listener.listen(BACKLOG)
        if not self._workers:
            self.warm()
        for worker in self._workers:
            self._hand_over(worker)
        deadline = time.monotonic() + START_TIMEOUT_S
        while waiting := [worker for worker in self._workers if not worker.is_ready]:
            for worker in waiting:
                if worker.process.poll() is not None:
                    raise StartError(f"The API process ended at its start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise StartError(
                    f"The API process was not ready within {START_TIMEOUT_S:.0f} s: {self._last_words()}"
                )
            self._read_ready(waiting, 0.05)

    def run(self) -> int:
        """Tend the processes until a signal asks to stop; the exit code."""
        with _stop_requests() as stop_requested:
            while not stop_requested(TEND_S):
                for name in self._tend_servers():
                    self.report(f"{name} had ended and was started again")
                self._read_ready([worker for worker in self._workers if not worker.is_ready], 0)
                for index, worker in enumerate(self._workers):
                    if worker.process.poll() is not None:
                        self._replace(index, worker)
                if self._quick_deaths >= QUICK_DEATHS_ALLOWED:
                    raise StartError(f"The API processes end as soon as they start: {self._last_words()}")
        return 0

    def stop(self) -> None:
        """Ask each process to finish its requests; end the slow ones, or all at a second Ctrl-C."""
        self.listener.close()
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.process.terminate()
        # uvicorn itself keeps to the grace; the rest is for closing its pools.
        deadline = time.monotonic() + self.settings.shutdown_grace_s + 5.0
        with _stop_requests() as stop_requested:
            while any(worker.process.poll() is None for worker in self._workers):
                if stop_requested(0.02) or time.monotonic() > deadline:
                    for worker in self._workers:
                        worker.process.kill()
        for worker in self._workers:
            worker.process.wait()
            if worker.process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    worker.process.stdin.close()
            if not worker.is_ready:
                os.close(worker.ready)
        self._workers = []
        if self._measures is not None:
            shutil.rmtree(self._measures, ignore_errors=True)
            self._measures = None

    @property
    def pids(self) -> list[int]:
        return [worker.process.pid for worker in self._workers]

    def _tend_servers(self) -> list[str]:
        try:
            return self.tend()
        except StartError as error:
            self.report(str(error))
            return []

    def _replace(self, index: int, worker: _Worker) -> None:
        quick = time.monotonic() - worker.started < QUICK_DEATH_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        if not worker.is_ready:
            os.close(worker.ready)
        self.report(
            f"API process {worker.process.pid} ended ({worker.process.returncode}); another one starts"
        )
        if self._measures is not None:
            # Its counts stay in the sums; what it held at the moment (sockets, connections) is gone.
            mark_process_dead(worker.process.pid, str(self._measures))  # type: ignore[no-untyped-call]  # unannotated
        self._workers[index] = self._spawn()
        self._hand_over(self._workers[index])

    def _hand_over(self, worker: _Worker) -> None:
        assert worker.process.stdin is not None  # noqa: S101  # _spawn asks for it
        with (
            contextlib.suppress(BrokenPipeError),
            worker.process.stdin as channel,
        ):  # it ended: seen by its poll()
            channel.write(as_line(self.settings))

    def _spawn(self) -> _Worker:
        read_end, write_end = os.pipe()
        parent = os.getpid()
        command = [sys.executable, "-m", "brigada.server.worker", "--app", self.app]
        command += ["--socket", str(self.listener.fileno()), "--ready", str(write_end)]
        with contextlib.ExitStack() as files:
            output = files.enter_context(self.log.open("ab")) if self.log else None
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self._environment(),
                pass_fds=(self.listener.fileno(), write_end),
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),  # noqa: PLW1509  # only prctl, getppid
            )
        os.close(write_end)
        return _Worker(process, read_end, time.monotonic())

    def _environment(self) -> dict[str, str]:
        """The environment of an API process: without our settings, which come through its standard input."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("BRIGADA_") and name.upper() != MEASURES
        }
        if self.settings.workers == 1:
            return kept
        if self._measures is None:
            self._measures = Path(tempfile.mkdtemp(prefix="brigada-measures-"))
        return kept | {MEASURES: str(self._measures)}

    def _read_ready(self, waiting: list[_Worker], timeout_s: float) -> None:
        if not waiting:
            return
        readable, _, _ = select.select([worker.ready for worker in waiting], [], [], timeout_s)
        for worker in waiting:
            if worker.ready in readable and os.read(worker.ready, 16):
                worker.is_ready = True
                os.close(worker.ready)

    def _last_words(self) -> str:
        return tail(self.log, 3) if self.log else "see the messages above"


@contextmanager
def _stop_requests() -> Iterator[Callable[[float], bool]]:
    """Give a function that waits the seconds given, and says whether a stop was asked for."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)

    def note(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(write_end, b"x")

    previous = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield lambda timeout_s: bool(select.select([read_end], [], [], timeout_s)[0])
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(read_end)
        os.close(write_end)
