"""The caller, once known."""

from dataclasses import dataclass
from typing import Literal

from brigada.auth.permissions import Permission
from brigada.errors import Language
from brigada.events.log import Actor, Position

NOWHERE = Position("", 0)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes this request, as the database said a moment ago.

    Attributes:
        kind: a person with a session, or an outside system with a key.
        id: number of the user or of the key.
        role: the person's role; empty for a key.
        session_id: the session, None for a key.
        log: where the event log stood at that moment; an answer made at that place or later is fresh. Nowhere, for
            whoever did not come through the gate.
    """

    kind: Literal["user", "token"]
    id: int
    role: str
    permissions: frozenset[Permission]
    name: str
    language: Language
    session_id: str | None
    csrf: str | None
    log: Position = NOWHERE

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def account(self) -> str:
        """The name under which this caller's idempotency keys and limits are kept."""
        return f"{self.kind}:{self.id}"

    @property
    def user_id(self) -> int | None:
        return self.id if self.kind == "user" else None

    @property
    def actor(self) -> Actor:
        return Actor(kind=self.kind, id=self.id, name=self.name)


def short_name(surname: str, name: str, patronym: str = "") -> str:
    """Return the name as colleagues write it: "Иванова А. П."."""
    initials = " ".join(f"{part[0]}." for part in (name, patronym) if part)
    return f"{surname} {initials}".strip()
