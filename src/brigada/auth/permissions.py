"""Who may do what: one enum, one role map; the whole access model on one screen.

Grammar: `area:verb`. `…:read` looks, `…:write` changes; `own:` is about the caller's own team and nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """A thing that a caller may be allowed to do."""

    OWN_ACCOUNT = "account:own"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    CARS_READ = "cars:read"
    CARS_WRITE = "cars:write"
    STATIONS_READ = "stations:read"
    STATIONS_WRITE = "stations:write"
    TEAMS_READ = "teams:read"
    TEAMS_WRITE = "teams:write"
    TEAMS_PAUSE = "teams:pause"
    """Send a team on a break and bring it back (a worker: the own team)."""
    CALLS_READ = "calls:read"
    """All calls (a worker without it sees those of the own team)."""
    CALLS_WRITE = "calls:write"
    CALLS_CREATE = "calls:create"
    DISPATCH = "dispatch:write"
    """Assign, cancel, complete, reject."""
    CREW_WORK = "own:work"
    """Steps, decline, trouble on an assignment (a worker: of the own team)."""
    POSITIONS_READ = "positions:read"
    POSITIONS_SEND = "positions:send"
    PLACES_READ = "places:read"
    REASONS_READ = "reasons:read"
    REASONS_WRITE = "reasons:write"
    NOTIFICATIONS_OWN = "notifications:own"
    REPORTS_READ = "reports:read"
    REPORTS_OPERATIONAL = "reports:operational"
    REPORTS_OWN_SHIFT = "reports:own"
    EVENTS_READ = "events:read"
    TOKENS_WRITE = "tokens:write"
    DEVICES_WRITE = "devices:write"
    SERVICE_WRITE = "service:write"
    """Norms, rules of attention, automatic sending, exports, what-if runs."""
    REALTIME = "realtime:listen"


_EVERYBODY = {
    Permission.OWN_ACCOUNT,
    Permission.NOTIFICATIONS_OWN,
    Permission.REALTIME,
    Permission.PLACES_READ,
    Permission.REASONS_READ,
    Permission.STATIONS_READ,
}

ROLE_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "admin": frozenset(
        _EVERYBODY
        | {
            Permission.USERS_READ,
            Permission.USERS_WRITE,
            Permission.CARS_READ,
            Permission.CARS_WRITE,
            Permission.STATIONS_WRITE,
            Permission.TEAMS_READ,
            Permission.TEAMS_WRITE,
            Permission.TEAMS_PAUSE,
            Permission.CALLS_READ,
            Permission.POSITIONS_READ,
            Permission.REASONS_WRITE,
            Permission.REPORTS_READ,
            Permission.REPORTS_OPERATIONAL,
            Permission.EVENTS_READ,
            Permission.TOKENS_WRITE,
            Permission.DEVICES_WRITE,
            Permission.SERVICE_WRITE,
        }
    ),
    "dispatcher": frozenset(
        _EVERYBODY
        | {
            Permission.USERS_READ,
            Permission.CARS_READ,
            Permission.TEAMS_READ,
            Permission.TEAMS_PAUSE,
            Permission.CALLS_READ,
            Permission.CALLS_WRITE,
            Permission.CALLS_CREATE,
            Permission.DISPATCH,
            Permission.CREW_WORK,
            Permission.POSITIONS_READ,
            Permission.REPORTS_OPERATIONAL,
            Permission.EVENTS_READ,
        }
    ),
    "worker": frozenset(
        _EVERYBODY
        | {
            Permission.TEAMS_PAUSE,
            Permission.CREW_WORK,
            Permission.POSITIONS_SEND,
            Permission.REPORTS_OWN_SHIFT,
        }
    ),
}

TOKEN_SCOPES: Mapping[str, frozenset[Permission]] = {
    "calls:create": frozenset({Permission.CALLS_CREATE, Permission.REASONS_READ, Permission.PLACES_READ}),
    "calls:read": frozenset({Permission.CALLS_READ, Permission.REASONS_READ}),
    "teams:read": frozenset({Permission.TEAMS_READ, Permission.STATIONS_READ}),
    "positions:read": frozenset({Permission.POSITIONS_READ, Permission.TEAMS_READ}),
    "reports:read": frozenset({Permission.REPORTS_READ, Permission.REPORTS_OPERATIONAL}),
}
"""What a key of an outside system may be given."""
