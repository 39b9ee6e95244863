"""What an ambulance on its way to a patient may do on the road: the service's own decision, kept as data.

The defaults are careful: the law lets a car with its siren on leave most rules aside (in Russia the
traffic code, 3.1), but a route that counts on it sends crews against the traffic by default. A service
changes them in a TOML file given to `brigada region add --rules FILE`.
"""

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from brigada.regions.errors import RegionError


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """Rules of the `emergency` road graph; the `car` graph beside it keeps every traffic rule."""

    speed_factor: float = 1.15
    """How much faster than other cars on the same road, from 1."""
    top_kmh: float = 110.0
    """No road is driven faster because of the factor, km/h."""
    turn_factor: float = 0.6
    """Time lost at turns and traffic lights, as a part of what other cars lose."""
    bus_lanes: bool = True
    """Lanes and streets of public transport may be used."""
    private_roads: bool = True
    """Yards and private roads may be crossed."""
    pedestrian_streets: bool = True
    pedestrian_kmh: float = 8.0
    against_oneway: bool = False
    """One-way streets count as two-way. Off: a crew may still decide so by itself."""
    keep_turn_restrictions: bool = True
    """Forbidden turns stay forbidden."""
    barrier_seconds: dict[str, float] = field(
        default_factory=lambda: {"gate": 40.0, "lift_gate": 20.0, "swing_gate": 40.0}
    )
    """Time to have a barrier opened, seconds; other barriers that stop cars are not passed."""
    u_turn_seconds: float = 20.0
    height_m: float = 2.9
    width_m: float = 2.2
    weight_kg: float = 4_600.0
    """Size of a class C ambulance on a van."""

    def lua(self) -> str:
        """The rules as a Lua module, for OSRM."""
        return "return " + _lua(asdict(self)) + "\n"


def load_rules(path: Path | None) -> EmergencyRules:
    """Read rules from a TOML file, or take the defaults where there is none.

    Raises:
        RegionError: the file can't be read, or a field is unknown or of the wrong kind.
    """
    if path is None:
        return EmergencyRules()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegionError(f"The rules in {path} can't be read: {error}.") from error
    defaults = asdict(EmergencyRules())
    for name, value in data.items():
        if name not in defaults:
            known = ", ".join(f.name for f in fields(EmergencyRules))
            raise RegionError(f"There is no rule {name!r} in {path}; rules are: {known}.")
        kind = type(defaults[name])
        if isinstance(value, bool) != (kind is bool) or not isinstance(
            value, (int, float) if kind is float else kind
        ):
            raise RegionError(f"The rule {name!r} in {path} must be of the kind of {defaults[name]!r}.")
    return EmergencyRules(**data)


def _lua(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f'["{key}"] = {_lua(item)}' for key, item in value.items()) + "}"
    if isinstance(value, int | float):
        return repr(float(value))
    raise TypeError(f"{value!r} has no place in rules")
