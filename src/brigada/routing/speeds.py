"""How the time of day slows traffic: data, not constants."""

import json
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

from brigada.routing.port import Profile

_KINDS = ("weekday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class SpeedFactors:
    """Speed as a part of that on an empty road, by profile, kind of day and hour."""

    hours: dict[Profile, dict[str, tuple[float, ...]]]

    def at(self, moment: datetime, profile: Profile) -> float:
        """The factor at a moment given in the region's local time, changing evenly from hour to hour."""
        day = self.hours[profile][_KINDS[max(0, moment.weekday() - 4)]]
        share = moment.minute / 60
        return day[moment.hour] * (1 - share) + day[(moment.hour + 1) % 24] * share


def load_speed_factors(path: Path | None = None) -> SpeedFactors:
    """Read the factors from a file, or those that come with the package.

    Raises:
        ValueError: the file is not of that form, or a factor is outside 0.1 to 2.
    """
    source = path or resources.files("brigada.routing").joinpath("data/speed_factors.json")
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
        hours = {
            profile: {kind: tuple(float(value) for value in data[profile.value][kind]) for kind in _KINDS}
            for profile in Profile
        }
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The speed factors in {source} can't be read: {error!r}.") from error
    for days in hours.values():
        for day in days.values():
            if len(day) != 24 or not all(0.1 <= factor <= 2 for factor in day):
                raise ValueError(f"The speed factors in {source} must be 24 numbers from 0.1 to 2 a day.")
    return SpeedFactors(hours)
