"""The dictionary of reasons, edited by the administrator."""

from typing import Any

from brigada.calls import repository
from brigada.calls.models import Reason
from brigada.calls.schemas import ReasonIn, ReasonPatch
from brigada.db.engine import ReadSession
from brigada.errors import NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes

TOLD = ("admin", "dispatcher", "worker")
_FIELDS = ("code", "title_ru", "title_en", "criticality", "profile", "active", "version")


def _view(reason: Reason) -> dict[str, Any]:
    return {name: getattr(reason, name) for name in _FIELDS}


async def list_reasons(session: ReadSession, *, inactive: bool) -> list[dict[str, Any]]:
    """Return the dictionary, the most critical first."""
    return [dict(row) for row in await repository.reasons(session, inactive=inactive)]


async def add_reason(uow: UnitOfWork, body: ReasonIn) -> dict[str, Any]:
    """Add a reason; a code or title taken is found by the database."""
    reason = Reason(**body.model_dump(), active=True, version=1)
    uow.session.add(reason)
    await uow.session.flush()
    uow.record(Event(kind="reason.created", data={"reason": _view(reason)}, roles=TOLD))
    return _view(reason)


async def change_reason(uow: UnitOfWork, code: str, body: ReasonPatch) -> dict[str, Any]:
    """Change a reason; calls that have it keep their criticality.

    Raises:
        NotFound.
    """
    reason = await repository.lock_reason(uow.session, code)
    if reason is None:
        raise NotFound
    wanted = body.model_dump(exclude_unset=True)
    wanted = {name: value for name, value in wanted.items() if value is not None or name == "profile"}
    before = _view(reason)
    _, changed = apply_changes(reason, wanted)
    if changed:
        reason.version += 1
        await uow.session.flush()
        uow.record(
            Event(kind="reason.updated", data={"reason": _view(reason)}, old={"reason": before}, roles=TOLD)
        )
    return _view(reason)


async def retire_reason(uow: UnitOfWork, code: str) -> None:
    """Offer a reason no more; calls that have it keep it.

    Raises:
        NotFound.
    """
    reason = await repository.lock_reason(uow.session, code)
    if reason is None or not reason.active:
        raise NotFound
    before = _view(reason)
    reason.active = False
    reason.version += 1
    data = {"reason": _view(reason)}
    uow.record(Event(kind="reason.deleted", data=data, old={"reason": before}, roles=TOLD))
