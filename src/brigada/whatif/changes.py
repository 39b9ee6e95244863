"""What can be changed, and the scenario that comes of it. Pure: the past in, another town out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import numpy as np

from brigada.dispatch.optimiser.settings import PRESETS, OptimiserSettings
from brigada.dispatch.optimiser.standby import standby
from brigada.regions.road_graph import Floats, Ints
from brigada.simulator.policy.engine import Policy
from brigada.simulator.policy.policies import CoveragePost, HomePost, Joint
from brigada.simulator.policy.scenario import Duty, Scenario
from brigada.whatif.errors import ImpossibleChangeError
from brigada.whatif.past import CRITICALITIES, Past, PlaceRow
from brigada.whatif.town import Slot, Town, fleet_of

DAY_S = 86_400.0
TWIN_S = 1_800.0
"""An added call comes within half an hour of the one that it is like: the rhythm of the day stays."""
SEED = 4_242


class TeamsChange(msgspec.Struct, tag="teams", tag_field="kind", frozen=True):
    """So many teams more (or fewer, below 0) each day from one hour to another; equal hours mean all day.

    Without a station, teams are taken from where most are on duty, and added where they cover most.
    """

    count: int
    from_hour: float = 0.0
    to_hour: float = 0.0
    station_id: int | None = None
    profile: str | None = None


class PostChange(msgspec.Struct, tag="post", tag_field="kind", frozen=True):
    """A new post. So many teams are based there: taken from the stations with most, or `additional` ones."""

    lat: float
    lon: float
    name: str = ""
    teams: int = 1
    additional: bool = False


class CloseChange(msgspec.Struct, tag="close", tag_field="kind", frozen=True):
    """A station is closed; its teams move to the nearest other one."""

    station_id: int


class NormChange(msgspec.Struct, tag="norm", tag_field="kind", frozen=True):
    """Another norm, from the receipt to the arrival."""

    criticality: Literal["critical", "important", "common"]
    minutes: float


class CallsChange(msgspec.Struct, tag="calls", tag_field="kind", frozen=True):
    """So many per cent calls more (or fewer)."""

    percent: float


class RulesChange(msgspec.Struct, tag="rules", tag_field="kind", frozen=True):
    """Other rules of work; what is None stays. See `Rules`."""

    standby: bool | None = None
    switches: bool | None = None
    urgent_first: bool | None = None


type Change = TeamsChange | PostChange | CloseChange | NormChange | CallsChange | RulesChange


class Rules(msgspec.Struct, frozen=True):
    """How teams are sent and where they wait.

    `switches`: proposals to divert a team on its way are confirmed. `standby`: a freed team goes to the post where
    it covers most, not to its own. `urgent_first`: a second of a critical or important call counts double, with all
    that the preset `urgent` has beside it.
    """

    standby: bool = False
    switches: bool = True
    urgent_first: bool = False

    def changed(self, change: RulesChange) -> "Rules":
        given = {name: getattr(change, name) for name in ("standby", "switches", "urgent_first")}
        return msgspec.structs.replace(
            self, **{name: value for name, value in given.items() if value is not None}
        )


class Variant(msgspec.Struct, frozen=True):
    """A named set of changes, made in their order."""

    name: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Play:
    """A town ready to be played: its scenario, rules, and which call of the past each of its calls is."""

    name: str
    scenario: Scenario
    slots: tuple[Slot, ...]
    """Their stations are indices into `posts`."""
    posts: tuple[int, ...]
    """Indices into the posts of the town."""
    rules: Rules
    origin: Ints
    at_s: Floats
    settings: OptimiserSettings

    def policy(self) -> Policy:
        """The very object that advises the live service, in the hands of dispatchers who follow it."""
        rule = CoveragePost() if self.rules.standby else HomePost()
        return Joint(self.name, self.settings, rule=rule)


def added_posts(variants: Sequence[Variant]) -> list[PlaceRow]:
    """All new posts, each place once, under the name that it was given first. They are no stations: ids are below 0."""
    named: dict[tuple[float, float], str] = {}
    for change in (change for variant in variants for change in variant.changes):
        if isinstance(change, PostChange):
            point = (change.lat, change.lon)
            named[point] = named.get(point) or change.name
    return [PlaceRow(-number, name, *point) for number, (point, name) in enumerate(named.items(), 1)]


def apply(town: Town, variant: Variant, rules: Rules) -> Play:
    """The town with a variant's changes; without any it is the past itself.

    Raises:
        ImpossibleChangeError: a station that is not there, or the last one is to be closed.
    """
    slots, posts = list(town.slots), list(range(town.stations))
    norms, share = town.past.norms_s, 0.0
    for change in variant.changes:
        match change:
            case TeamsChange(count=count):
                slots = _thinned(town, slots, change) if count < 0 else _joined(town, slots, posts, change)
            case PostChange():
                slots, posts = _with_post(town, slots, posts, change)
            case CloseChange():
                slots, posts = _closed(town, slots, posts, change)
            case NormChange():
                named = dict(zip(CRITICALITIES, norms, strict=True)) | {
                    change.criticality: change.minutes * 60
                }
                norms = named["critical"], named["important"], named["common"]
            case CallsChange():
                share = (1 + share) * (1 + change.percent / 100) - 1
            case RulesChange():
                rules = rules.changed(change)
    origin, at_s = _scaled(town, share)
    order = {post: number for number, post in enumerate(posts)}
    own = tuple(replace(slot, station=order[slot.station]) for slot in slots)
    scenario = replace(
        town.scenario,
        places=replace(town.scenario.places, posts=town.scenario.places.posts[posts]),
        demand=replace(town.scenario.demand, norms_s=norms),
        fleet=fleet_of(own),
        log=None,
    )
    settings = _settings(town.past, rules)
    return Play(variant.name, scenario, own, tuple(posts), rules, origin, at_s, settings)


def _settings(past: Past, rules: Rules) -> OptimiserSettings:
    """The administrator's figures, as the live service uses them."""
    plan = replace(past.plan, allow_switches=rules.switches)
    if not rules.urgent_first:
        return plan
    urgent = PRESETS["urgent"]
    return replace(plan, weights=urgent.weights, late_s=urgent.late_s, max_switches=urgent.max_switches)


def windows(from_hour: float, to_hour: float, days: int) -> list[tuple[float, float]]:
    """The spans between two hours of each day, those over midnight too; equal hours: one span over all."""
    if from_hour % 24 == to_hour % 24:
        return [(-DAY_S, (days + 1) * DAY_S)]
    length = (to_hour - from_hour) % 24 * 3600
    return [
        (d * DAY_S + from_hour * 3600, d * DAY_S + from_hour * 3600 + length) for d in range(-1, days + 1)
    ]


def without(duty: Duty, window: tuple[float, float]) -> Duty:
    """Spans of work with a window cut out of them."""
    begin, end = window
    pieces = [
        piece
        for start, stop in duty
        for piece in ((start, min(stop, begin)), (max(start, end), stop))
        if piece[0] < piece[1]
    ]
    return tuple(pieces)


def _overlap(duty: Duty, window: tuple[float, float]) -> float:
    return sum(max(0.0, min(stop, window[1]) - max(start, window[0])) for start, stop in duty)


def _thinned(town: Town, slots: list[Slot], change: TeamsChange) -> list[Slot]:
    found = list(slots)
    station = _station(town, change.station_id)
    for window in windows(change.from_hour, change.to_hour, town.past.days):
        for _ in range(-change.count):
            on = {
                number: overlap
                for number, slot in enumerate(found)
                if (overlap := _overlap(slot.duty, window)) > 0
                and station in (None, slot.station)
                and change.profile in (None, slot.profile)
            }
            if not on:
                break
            crowd = np.bincount([found[number].station for number in on], minlength=len(town.posts))
            gone = max(on, key=lambda number: (crowd[found[number].station], on[number], number))
            found[gone] = replace(found[gone], duty=without(found[gone].duty, window))
    return found


def _joined(town: Town, slots: list[Slot], posts: list[int], change: TeamsChange) -> list[Slot]:
    found = list(slots)
    spans = windows(change.from_hour, change.to_hour, town.past.days)
    station = _station(town, change.station_id)
    for _ in range(change.count):
        post = station if station is not None else _barest(town, found, posts, spans)
        found.append(Slot(post, change.profile or _usual_profile(slots), tuple(spans)))
    return found


def _usual_profile(slots: Sequence[Slot]) -> str:
    names = [slot.profile for slot in slots]
    return max(sorted(set(names)), key=names.count)


def _barest(town: Town, slots: list[Slot], posts: list[int], spans: list[tuple[float, float]]) -> int:
    """The post where one more team adds most expected coverage in the middle of the period."""
    scenario = town.scenario
    service = scenario.service
    within = scenario.demand.norms_s[0] - service.triage_s - service.turnout_s
    reach = scenario.post_to_zone(service.modes[0]) <= within
    middle = min(spans, key=lambda span: abs(span[0] - town.past.days * DAY_S / 2))
    waiting = [slot.station for slot in slots if _overlap(slot.duty, middle) > 0]
    allowed = np.zeros(len(town.posts), dtype=np.bool_)
    allowed[posts] = True
    return standby(reach, scenario.places.zone_weight, waiting, allowed=allowed).post


def _with_post(
    town: Town, slots: list[Slot], posts: list[int], change: PostChange
) -> tuple[list[Slot], list[int]]:
    post = next(
        number
        for number, row in enumerate(town.posts)
        if number >= town.stations and (row.lat, row.lon) == (change.lat, change.lon)
    )
    found = list(slots)
    if change.additional:
        every = windows(0, 0, town.past.days)
        found += [Slot(post, _usual_profile(slots), tuple(every)) for _ in range(change.teams)]
        return found, [*posts, post]
    for _ in range(change.teams):
        hours = np.zeros(len(town.posts))
        for slot in found:
            hours[slot.station] += sum(stop - start for start, stop in slot.duty)
        hours[post] = 0
        movable = [n for n, slot in enumerate(found) if slot.station == int(np.argmax(hours))]
        moved = max(movable, key=lambda n: (sum(stop - start for start, stop in found[n].duty), -n))
        found[moved] = replace(found[moved], station=post)
    return found, [*posts, post]


def _closed(
    town: Town, slots: list[Slot], posts: list[int], change: CloseChange
) -> tuple[list[Slot], list[int]]:
    closed = _station(town, change.station_id)
    left = [post for post in posts if post != closed]
    if closed not in posts or not left:
        raise ImpossibleChangeError(change.station_id)
    places, travel = town.scenario.places, town.scenario.travel
    here = int(travel.destinations[places.posts[closed]])
    drive = travel.seconds[town.scenario.service.ordinary][places.posts[left], here]
    nearest = left[int(np.argmin(drive))]
    return [replace(slot, station=nearest) if slot.station == closed else slot for slot in slots], left


def _station(town: Town, station_id: int | None) -> int | None:
    if station_id is None:
        return None
    for number, row in enumerate(town.posts[: town.stations]):
        if row.id == station_id:
            return number
    raise ImpossibleChangeError(station_id)


def _scaled(town: Town, share: float) -> tuple[Ints, Floats]:
    """Which calls of the past are played, some twice or not at all, and when; the same for the same share."""
    at = np.array([call.at_s for call in town.past.calls])
    every = np.arange(len(at), dtype=np.intp)
    if share == 0:
        return every, at
    rng = np.random.default_rng(SEED)
    if share < 0:
        kept = np.sort(rng.permutation(len(at))[: max(1, round(len(at) * (1 + share)))])
        return kept, at[kept]
    twins = np.concatenate([rng.permutation(len(at)) for _ in range(int(np.ceil(share)))])
    twins = twins[: round(len(at) * share)]
    times = np.clip(at[twins] + rng.uniform(-TWIN_S, TWIN_S, len(twins)), 0, town.past.days * DAY_S - 1)
    origin, moments = np.concatenate([every, twins]), np.concatenate([at, times])
    order = np.argsort(moments, kind="stable")
    return origin[order], moments[order]
