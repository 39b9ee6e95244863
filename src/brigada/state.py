"""What one process holds: made by `create_app`, handed to everything else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from brigada.auth.limits import Limiter
from brigada.auth.passwords import Passwords
from brigada.auth.tokens import Tokens
from brigada.db.engine import Database
from brigada.db.leader import Chore
from brigada.errors import Problem
from brigada.events.log import SYSTEM, Actor
from brigada.events.unit_of_work import Projection, UnitOfWork
from brigada.kit.cache import Cache
from brigada.kit.clock import Clock
from brigada.regions.live import LiveRegion
from brigada.settings import Settings

if TYPE_CHECKING:  # the state holds parts of areas that themselves need the state
    from brigada.calls.board import Boards
    from brigada.dispatch.advice.coverage import Coverages
    from brigada.middleware import Meters
    from brigada.positions.service import Positions
    from brigada.realtime.hub import Hub
    from brigada.realtime.snapshot import Pictures
    from brigada.realtime.tail import Doorbell
    from brigada.realtime.viewing import Viewing
    from brigada.reports.pool import Pool

type HealthCheck = Callable[[], Awaitable[tuple[bool, str]]]
type FrameHandler = Callable[[Any, bytes, Callable[[bytes], None]], None]
"""Gets the listener, the frame and a way to answer; must not wait."""


@dataclass(slots=True)
class State:
    """The parts that requests and jobs share."""

    settings: Settings
    clock: Clock
    database: Database
    cache: Cache
    passwords: Passwords
    tokens: Tokens
    limiter: Limiter
    projections: Sequence[Projection]
    conflicts: Mapping[str, type[Problem]]
    """Broken database constraints by name, and the refusal that each one means."""
    doorbell: "Doorbell"
    """Rung after each commit with the last number of its events."""
    hub: "Hub"
    boards: "Boards"
    pictures: "Pictures"
    meters: "Meters"
    region: LiveRegion
    """Roads, addresses and tiles of the region in use."""
    positions: "Positions"
    workers: "Pool"
    """Processes for heavy work: reports, documents, exports."""
    viewing: "Viewing"
    """Who looks at which call."""
    coverages: "Coverages"
    """What the free teams cover, reckoned lately."""
    chores: list[Chore] = field(default_factory=list)
    """What one process of all must do again and again."""
    frame_handlers: dict[str, FrameHandler] = field(default_factory=dict)
    """What areas do with frames from clients, by the frame's type."""
    health_checks: dict[str, HealthCheck] = field(default_factory=dict)
    """Further dependencies by name; each answers (is it well, a word about it)."""

    def unit_of_work(self, *, actor: Actor = SYSTEM, cause: str | None = None) -> UnitOfWork:
        """Return a unit of work of the present moment."""
        return UnitOfWork(
            self.database,
            now=self.clock.now(),
            actor=actor,
            cause=cause,
            projections=self.projections,
            on_commit=self.doorbell.ring,
        )
