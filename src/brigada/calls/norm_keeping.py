"""Norms kept by the administrator. A correction raises the version and corrects history: reports judge anew."""

from collections.abc import Sequence
from typing import Any

from brigada.calls import repository
from brigada.calls.models import Norm
from brigada.calls.norms import why_not_norm
from brigada.calls.schemas import NormIn, NormPatch
from brigada.errors import Invalid, NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes

TOLD = ("admin", "dispatcher")
"""Their timers count to the norms."""
_FIELDS = (
    "id", "norm_set", "territory", "criticality", "clock_start", "clock_stop", "target_s", "statistic", "share",
    "title_ru", "title_en", "active", "version",
)  # fmt: skip


def norm_view(norm: Norm) -> dict[str, Any]:
    """Return a norm as the API shows it."""
    return {name: getattr(norm, name) for name in _FIELDS}


async def add_norm(uow: UnitOfWork, body: NormIn) -> dict[str, Any]:
    """Add a norm; one that is there already is found by the database.

    Raises:
        Invalid: its clock would stop before it starts.
    """
    if why_not_norm(body.clock_start, body.clock_stop) is not None:
        raise Invalid.field(
            "body", "clock_stop", code="clock_order",
            ru="Отсчёт должен заканчиваться позже, чем начинается.", en="The clock must stop after it starts.",
        )  # fmt: skip
    norm = Norm(**body.model_dump(), version=1)
    uow.session.add(norm)
    await uow.session.flush()
    uow.record(Event(kind="norm.created", data={"norm": norm_view(norm)}, roles=TOLD))
    return norm_view(norm)


async def change_norm(uow: UnitOfWork, norm_id: int, body: NormPatch) -> dict[str, Any]:
    """Correct a norm. Its clocks and criticality stay: another rule is another norm.

    Raises:
        NotFound.
        Outdated: somebody else changed it meanwhile.
    """
    norm = await repository.lock_norm(uow.session, norm_id)
    if norm is None:
        raise NotFound
    before = norm_view(norm)
    if body.version is not None and body.version != norm.version:
        raise Outdated(present=before)
    wanted = body.model_dump(exclude_unset=True, exclude={"version"})
    _, changed = apply_changes(norm, {name: value for name, value in wanted.items() if value is not None})
    if changed:
        norm.version += 1
        await uow.session.flush()
        uow.record(
            Event(kind="norm.updated", data={"norm": norm_view(norm)}, old={"norm": before}, roles=TOLD)
        )
    return norm_view(norm)


async def put_in_force(uow: UnitOfWork, norm_set: str) -> Sequence[dict[str, Any]]:
    """Put one set in force and every other out of it, all in one transaction: no timer ever runs by none or by two.

    Raises:
        NotFound: no norm belongs to that set.
    """
    norms = await repository.lock_norms(uow.session)
    if all(norm.norm_set != norm_set for norm in norms):
        raise NotFound
    for norm in norms:
        wanted = norm.norm_set == norm_set
        if norm.active is wanted:
            continue
        before = norm_view(norm)
        norm.active = wanted
        norm.version += 1
        await uow.session.flush()
        uow.record(
            Event(kind="norm.updated", data={"norm": norm_view(norm)}, old={"norm": before}, roles=TOLD)
        )
    return [norm_view(norm) for norm in norms]
