"""What a fix is worth: pure decisions. Times are arguments, distances metres."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brigada.kit.geo import haversine_m
from brigada.positions.fixes import Fix, Flag

FUTURE_TOLERANCE = timedelta(minutes=2)
"""A clock may be ahead by this much without a word: phones keep within seconds, trackers within a minute."""

LATE = timedelta(minutes=1)
"""What comes later than this was buffered; a slow network delays by seconds."""

POOR_ACCURACY_M = 100.0
"""Beyond it a fix comes from cell towers or Wi-Fi, not from satellites: a street further is usual then."""

FASTEST_MPS = 70.0
"""252 km/h: no ambulance drives faster, so it was not the car that moved. A setting: a simulated city may be faster."""

JUMP_SLACK_M = 150.0
"""Reflections between houses throw a fix this far without its accuracy saying so."""

HOLD = timedelta(seconds=15)
"""While the better source of a car spoke within this time, a worse one does not move the marker."""

FRESH = timedelta(seconds=30)
"""A poor fix moves the marker only when the good one is older than this."""

PARKED_M = 20.0
"""Receivers at rest wander by about this much."""
PARKED_MPS = 1.0
PARKED_EVERY = timedelta(seconds=60)
"""A parked car keeps one point a minute: 12 times fewer rows, and the track still says that it was there."""


@dataclass(slots=True)
class Track:
    """What is remembered of a car between its fixes.

    `marker`: the fix shown. `kept`: the last one in the history. `suspect`: a jump that may yet prove true.
    `late`: the same of the fixes that came behind the marker: a burst of them is a track of its own.
    """

    marker: Fix | None = None
    kept: Fix | None = None
    suspect: Fix | None = None
    late: "Track | None" = None


_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a fix: is it kept in the history, does it move the marker, what is doubtful about it."""

    keep: bool
    move: bool
    flags: int


def clock_offset(newest: datetime, received_at: datetime, sent_at: datetime | None) -> timedelta:
    """Return how far a device's clock is wrong; what must be added to its times.

    `sent_at`, the device's own time of sending, tells it exactly, in both directions. Without it only a clock that is
    ahead can be told: an old fix may as well have waited for a network.
    """
    told = sent_at if sent_at is not None else max(newest, received_at)
    offset = received_at - told
    return offset if abs(offset) > FUTURE_TOLERANCE else timedelta(0)


def put_right(at: datetime, offset: timedelta, received_at: datetime) -> tuple[datetime, int]:
    """Return the time of a fix by our clock, never after its receipt, and the flags that say what was done."""
    flags = Flag.CLOCK if offset else Flag(0)
    try:
        mended = min(at + offset, received_at)
    except OverflowError:  # before the first year or after the last: a clock that tells nothing
        mended = received_at if offset > timedelta(0) else _FIRST_MOMENT
    if received_at - mended > LATE:
        flags |= Flag.LATE
    return mended, int(flags)


def judge(fix: Fix, track: Track, *, fastest_mps: float = FASTEST_MPS, before: Fix | None = None) -> Verdict:
    """Decide what becomes of a fix, and remember it. Fixes of one car come here in the order of their times.

    A late fix never moves the marker back; it is marked and thinned by what is known of the car before it: `before`,
    from the history, or a late one judged since. A jump is kept, marked, and believed only when the next fix agrees
    with it.
    """
    flags = fix.flags
    if fix.accuracy_m is not None and fix.accuracy_m > POOR_ACCURACY_M:
        flags |= Flag.POOR
    marker = track.marker
    if marker is not None and fix.at <= marker.at:
        behind = judge(fix, _late_track(fix, track, before), fastest_mps=fastest_mps)
        return Verdict(keep=behind.keep, move=False, flags=behind.flags)
    if marker is not None and is_jump(marker, fix, fastest_mps):
        suspect, track.suspect = track.suspect, fix
        if suspect is None or suspect.at >= fix.at or is_jump(suspect, fix, fastest_mps):
            return Verdict(keep=True, move=False, flags=int(flags | Flag.JUMP))
    track.suspect = None
    keep = not is_parked(fix, track.kept)
    fix.flags = int(flags)
    if keep:
        track.kept = fix
    move = marker is None or moves(marker, fix)
    if move:
        track.marker = fix
    return Verdict(keep=keep, move=move, flags=int(flags))


def _late_track(fix: Fix, track: Track, before: Fix | None) -> Track:
    """Return the track that a late fix continues."""
    late = track.late
    if late is None or (late.marker is not None and fix.at <= late.marker.at):
        late = track.late = Track()
    if before is not None and (late.marker is None or before.at > late.marker.at):
        late.marker = late.kept = before
    return late


def is_jump(before: Fix, fix: Fix, fastest_mps: float) -> bool:
    """Could no car have gone from one fix to the other in the time between?"""
    seconds = (fix.at - before.at).total_seconds()
    allowed = (
        fastest_mps * max(0.0, seconds) + JUMP_SLACK_M + (before.accuracy_m or 0) + (fix.accuracy_m or 0)
    )
    return haversine_m(before.point, fix.point) > allowed


def is_parked(fix: Fix, kept: Fix | None) -> bool:
    """Does this fix tell nothing that the last kept one does not?"""
    if kept is None or kept.team_id != fix.team_id or fix.flags & Flag.ALARM:
        return False
    if not timedelta(0) <= fix.at - kept.at < PARKED_EVERY:
        return False
    if fix.speed_mps is not None and fix.speed_mps >= PARKED_MPS:
        return False
    return haversine_m(kept.point, fix.point) < PARKED_M


def moves(marker: Fix, fix: Fix) -> bool:
    """Does a newer fix move the marker? By freshness first, then by the better source, then by accuracy."""
    age = fix.at - marker.at
    if fix.source < marker.source and age <= HOLD:
        return False
    return not (fix.flags & Flag.POOR and not marker.flags & Flag.POOR and age <= FRESH)


def in_order(fixes: Iterable[Fix]) -> list[Fix]:
    """Return fixes by their times, each moment of a car's source once: phones repeat what they are not sure of."""
    seen: set[tuple[int, datetime, int]] = set()
    ordered = []
    for fix in sorted(fixes, key=_time):
        key = (fix.car_id, fix.at, fix.source)
        if key not in seen:
            seen.add(key)
            ordered.append(fix)
    return ordered


def _time(fix: Fix) -> datetime:
    return fix.at
