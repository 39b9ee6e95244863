"""What a change changed: old and new values of the fields that really differ."""

from collections.abc import Mapping
from typing import Any


def apply_changes(entity: object, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the attributes that differ; return (old values, new values) of just these."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name, value in changes.items():
        before = getattr(entity, name)
        if before != value:
            old[name], new[name] = before, value
            setattr(entity, name, value)
    return old, new
