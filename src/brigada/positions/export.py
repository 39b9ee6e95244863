"""A track as files that other programs read: GPX 1.1 and GeoJSON (RFC 7946)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec

GPX_TYPE = "application/gpx+xml"
GEOJSON_TYPE = "application/geo+json"


def gpx(name: str, points: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]]) -> bytes:
    """Return a GPX document: a waypoint for each step that has a place, a track point for each fix."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="Brigada" xmlns="http://www.topografix.com/GPX/1/1">',
    ]
    lines += [
        f"<wpt {_place(step['location'])}><time>{_time(step['at'])}</time>"
        f"<name>{escape(step['step'])}</name></wpt>"
        for step in steps
        if step["location"] is not None
    ]
    lines += [f"<trk><name>{escape(name)}</name><trkseg>"]
    for point in points:
        comment = f"<cmt>{escape(' '.join(point['marks']))}</cmt>" if point["marks"] else ""
        lines.append(f"<trkpt {_place(point)}><time>{_time(point['at'])}</time>{comment}</trkpt>")
    lines.append("</trkseg></trk></gpx>")
    return "\n".join(lines).encode()


def _place(point: dict[str, Any]) -> str:
    return f'lat="{point["lat"]:.7f}" lon="{point["lon"]:.7f}"'


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def geojson(name: str, points: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]]) -> bytes:
    """Return a FeatureCollection: the line with a time for each of its points, and a point for each step."""
    line = {
        "type": "Feature",
        "geometry": None
        if len(points) < 2
        else {"type": "LineString", "coordinates": [[point["lon"], point["lat"]] for point in points]},
        "properties": {
            "name": name,
            "times": [point["at"] for point in points],
            "marks": {str(index): point["marks"] for index, point in enumerate(points) if point["marks"]},
        },
    }
    marks = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [step["location"]["lon"], step["location"]["lat"]]},
            "properties": {name: step[name] for name in ("step", "at", "assignment_id", "call_id")},
        }
        for step in steps
        if step["location"] is not None
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": [line, *marks]})
