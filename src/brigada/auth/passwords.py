"""Password hashes: argon2id, off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19 * 1024
"""OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 21 ms on the reference machine."""

_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$x+MI3cAbaEQ//PmxtVGpcA$gC1xVb5lYuscbrwUnfp6hcmvWeKRzFcbPdpsRG7ISXw"
"""Checked when the login is unknown, so that the time of the answer does not tell which logins exist."""


class Passwords:
    """Hashes and checks in a thread of its own: one at a time, so that a burst of sign-ins can't take the machine."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def hash_blocking(self, password: str) -> str:
        """Return the hash; takes about 20 ms, for the command line and for filling a demo."""
        return self._hasher.hash(password)

    async def hash(self, password: str) -> str:
        """Return the hash of a password."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._hasher.hash, password)

    async def check(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password is the one hashed; takes as long when there is no hash to compare with."""
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, self._check, password_hash, password
        )

    def _check(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or _DECOY, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None
