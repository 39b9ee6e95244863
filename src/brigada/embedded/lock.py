"""One data folder, one running service."""

import fcntl
import os
from pathlib import Path
from typing import Self

from brigada.embedded.process import StartError


class InstanceLock:
    """Holds the data folder for this process; the system lets go of it however the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "brigada.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the folder.

        Raises:
            StartError: another process has it, or the folder can't be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"The data folder {self.path.parent} can't be written ({error.strerror}): "
                "give this user the right to it, or name another in BRIGADA_DATA_DIR"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise StartError(
                f"The data folder {self.path.parent} is in use by another Brigada"
                f"{f' (process {holder})' if holder else ''}: "
                "stop that one first, or give this one its own folder in BRIGADA_DATA_DIR"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
