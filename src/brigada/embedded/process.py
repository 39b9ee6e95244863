"""Child processes that run without privileges and do not outlive their parent."""

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "brigada"
"""System account that the servers run as when the service itself is started by root."""

POLL_S = 0.01
"""Seconds between two looks at a condition of a starting or stopping process; a start takes 50 ms or more."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class StartError(Exception):
    """The service can't start; the message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the servers run as; `uid` is None when that is simply whoever started the service."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account(owned: Path | None = None) -> Account:
    """Whom PostgreSQL may run as: it refuses to run as root.

    A data folder that exists decides by its owner, so that a later start never changes it; else an account
    `brigada` or `postgres` of the system is taken, else `brigada` is made.

    Raises:
        StartError: root has no account to step down to and can't make one.
    """
    if os.geteuid() != 0:
        return Account()
    if owned is not None and owned.exists() and (status := owned.stat()).st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    for name in (ACCOUNT, "postgres"):
        if found := _account_named(name):
            return found
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        # Two starts at once may both try; the loser fails, and then finds the winner's account.
        subprocess.run(
            [useradd, "--system", "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False
        )
        if found := _account_named(ACCOUNT):
            return found
    raise StartError(
        "PostgreSQL refuses to run as root and no account could be made for it: "
        "start Brigada as an ordinary user, or make a system account named brigada"
    )


def _account_named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def let_through(account: Account, *paths: Path) -> list[Path]:
    """Let the account pass through the folders above the paths, by the execute bit alone; name those changed.

    Only root needs this, when a project lies in a closed home folder. The folders stay unreadable to others.
    """
    changed: list[Path] = []
    if account.uid is None:
        return changed
    for path in paths:
        for folder in path.resolve().parents:
            status = folder.stat()
            if status.st_uid == account.uid and status.st_mode & stat.S_IXUSR:
                continue
            if not status.st_mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
                changed.append(folder)
    return changed


def private_folder(path: Path, account: Account) -> Path:
    """Make the folder, open to the account alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    account.own(path)
    path.chmod(0o700)
    return path


def die_with_parent(death_signal: signal.Signals, parent: int) -> None:
    """Ask Linux to send this process `death_signal` when the thread that started it ends.

    Runs in the child between fork and exec. Elsewhere the next start stops the orphan.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the request was made
        os._exit(1)


def ends_with_its_parent() -> Callable[[], None]:
    """For `preexec_fn` of a helper of this process that has nobody to work for once this one was killed."""
    parent = os.getpid()
    return lambda: die_with_parent(signal.SIGKILL, parent)


def start(
    command: Sequence[str],
    *,
    account: Account,
    cwd: Path,
    log: Path,
    death_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in its own session, so that Ctrl-C in the terminal reaches the parent alone.

    Call it from a thread that lives as long as the server should: its end is what `death_signal` reports.
    """
    parent = os.getpid()
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clean_environment() | dict(environment or {}),
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.uid is not None else None,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(death_signal, parent),  # noqa: PLW1509  # only prctl and getppid
        )


def clean_environment() -> dict[str, str]:
    """The environment without what would steer PostgreSQL's programs or leak the service's own secrets."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "BRIGADA_", "LC_", "LANG"))
    }


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Look at the condition until it holds; False when `timeout_s` seconds passed without it."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def alive(pid: int) -> bool:
    """Whether a process of that number exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return not Path("/proc/self").exists()


def command_line(pid: int) -> str:
    """The command line of a living process; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        answer = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return answer.stdout.strip()


def working_in(folder: Path) -> list[int]:
    """The living processes whose working folder is this one; always none where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            working = (entry / "cwd").readlink()
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
        if working == folder:
            found.append(int(entry.name))
    return found


def tail(path: Path, lines: int = 5) -> str:
    """The last lines of a log, on one line, to be quoted in a message."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return " / ".join(line.strip() for line in text.splitlines()[-lines:])
