"""A program beside the service: started with it, started again when it ends, stopped with it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from brigada.demo.key import CALLERS_SECRET, KEY_VARIABLE
from brigada.embedded.process import die_with_parent
from brigada.embedded.tls import ca_file
from brigada.settings import Settings, kept_secret

STOP_S = 3.0
"""It holds nothing that matters: after so many seconds it is killed."""


class Companion:
    """Runs `python -m module arguments…` while the context is open."""

    def __init__(
        self, name: str, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path | None
    ) -> None:
        self._name = name
        self._arguments = arguments
        self._environment = {**os.environ, **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
            self._process.kill()
            self._process.wait()

    def tend(self) -> list[str]:
        """Start the program again if it has ended; return its name then."""
        if self._process is None or self._process.poll() is None:
            return []
        self._start()
        return [self._name]

    def _start(self) -> None:
        parent = os.getpid()
        with contextlib.ExitStack() as files:
            output = files.enter_context(self._log.open("ab")) if self._log else None
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),  # noqa: PLW1509 -- only prctl, getppid
            )


DISPATCH_AFTER_S = 45
"""Seconds of the town that a call waits while nobody sits at the desk; a person there has longer (`live/city.py`)."""


WELCOME = 2
"""Calls that wait for whoever signs in as a dispatcher: nobody must wait for minutes to see how one is served."""


def living_city(settings: Settings, url: str, log: Path | None) -> Companion:
    """Return the program that lets the demo town live: its callers, its crews, a dispatcher who helps out.

    The callers come in through the public API with a key of their own, as a 112 centre would.
    """
    arguments = ["brigada", "simulate", "live", "--url", url, "--flat", "--quiet"]
    arguments += ["--per-day", str(86_400 / settings.demo_call_every_s)]
    arguments += ["--dispatch-after", str(DISPATCH_AFTER_S), "--speed", str(settings.demo_speed)]
    arguments += ["--welcome", str(WELCOME), "--data-dir", str(settings.data_dir.resolve())]
    if settings.tls:
        arguments += ["--ca", str(ca_file(settings.data_dir.resolve()))]
    environment = {
        KEY_VARIABLE: kept_secret(settings.data_dir.resolve() / CALLERS_SECRET, nbytes=32),
        "BRIGADA_SIMULATOR_PASSWORD": settings.demo_password.get_secret_value(),
    }
    return Companion("The living city", arguments, environment=environment, log=log)
