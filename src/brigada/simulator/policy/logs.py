"""Real calls from a CSV file, to be replayed."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from brigada.simulator.policy.scenario import CallLog, Scenario

CRITICALITIES = {"critical": 0, "important": 1, "common": 2}


def read_calls(path: Path, scenario: Scenario) -> CallLog:
    """Columns `received_at` (ISO 8601 with offset), `criticality`, `lat`, `lon`; a call joins its nearest
    zone.

    The run starts at midnight, by the log's own offset, of the day of the first call. Raises `ValueError`
    with
    the line of the first bad row.
    """
    times: list[datetime] = []
    ranks: list[int] = []
    points: list[tuple[float, float]] = []
    with path.open(newline="", encoding="utf-8-sig") as handle:
        for row in csv.DictReader(handle):
            line = len(times) + 2
            try:
                at = datetime.fromisoformat(row["received_at"])
                ranks.append(CRITICALITIES[row["criticality"]])
                points.append((float(row["lat"]), float(row["lon"])))
            except (KeyError, ValueError, TypeError) as error:
                raise ValueError(f"{path.name}, line {line}: {error}") from error
            if at.tzinfo is None:
                raise ValueError(f"{path.name}, line {line}: the time has no offset")
            times.append(at)
    if not times:
        raise ValueError(f"{path.name} holds no calls")
    midnight = min(times).replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = np.array([(at - midnight).total_seconds() for at in times])
    order = np.argsort(seconds, kind="stable")
    scale = np.cos(np.radians(float(np.mean(scenario.places.zone_lat))))
    tree = cKDTree(np.column_stack([scenario.places.zone_lat, scenario.places.zone_lon * scale]))
    where = np.array(points)
    _, zone = tree.query(np.column_stack([where[:, 0], where[:, 1] * scale]))
    return CallLog(
        seconds[order],
        np.array(ranks, dtype=np.int8)[order],
        np.asarray(zone, dtype=np.intp)[order],
        weekday=midnight.weekday(),
    )
