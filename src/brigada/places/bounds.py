"""Calls and stations outside the region: refused, or taken with a warning, as the service wishes."""

from fastapi import Response

from brigada.edge import WARNING_HEADER
from brigada.errors import Invalid
from brigada.schema import PointIn
from brigada.state import State

OUTSIDE = "outside_region"


def check_inside(state: State, location: PointIn | None) -> str | None:
    """Return a warning for the answer, or None where there is nothing to say.

    Raises:
        Invalid: the point lies outside and the service refuses such.
    """
    manifest = state.region.now.manifest
    policy = state.settings.region_outside
    if location is None or manifest is None or policy == "accept":
        return None
    if manifest.bounds.holds(location.lat, location.lon):
        return None
    if policy == "warn":
        return OUTSIDE
    raise Invalid.field(
        "body", "location", code=OUTSIDE,
        ru=f"Точка вне карты местности «{manifest.title}».",
        en=f"The point lies outside the region {manifest.title}.",
    )  # fmt: skip


def warned(response: Response, warning: str | None) -> Response:
    """The answer, with the warning in its header."""
    if warning:
        response.headers[WARNING_HEADER] = warning
    return response
