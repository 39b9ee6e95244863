"""Printing forms: who may, the audit of the look at patient data, the worker that draws the pages."""

from datetime import timedelta
from typing import Final, Literal

from brigada.auth import audit
from brigada.auth.principal import Principal
from brigada.calls.queries import check_may_see
from brigada.db.engine import ReadSession
from brigada.errors import Invalid, NotFound
from brigada.reports import papers
from brigada.reports.asking import period_of
from brigada.reports.papers import Paper, Printing, make_paper
from brigada.reports.pool import Lane
from brigada.state import State

LONGEST_JOURNAL: Final = timedelta(days=31)


def _printing(state: State, session: ReadSession) -> Printing:
    settings = state.settings
    return Printing(session, settings.service_name, settings.zone, state.clock.now())


async def _print(state: State, paper: Paper, lane: Lane = "tables") -> bytes:
    return await state.workers.run(make_paper, paper, lane)


async def call_pdf(
    state: State,
    session: ReadSession,
    principal: Principal,
    form: Literal["card", "sheet"],
    call_id: int,
    assignment_id: int | None,
) -> bytes:
    """Return 110/у or 114/у of a call; the look is written down before the pages leave.

    Raises:
        NotFound: absent, or not the caller's to know.
    """
    await check_may_see(session, principal, call_id)
    make = papers.card if form == "card" else papers.sheet
    paper = await make(_printing(state, session), call_id, assignment_id)
    if paper is None:
        raise NotFound
    await audit.note_read(state.database, principal, form, call_id, state.clock.now())
    return await _print(state, paper)


async def journal_pdf(
    state: State, session: ReadSession, principal: Principal, since: str | None, until: str | None
) -> bytes:
    """Return 109/у of a period of at most a month.

    Raises:
        Invalid: the period.
    """
    now = state.clock.now()
    period = period_of(since, until, state.settings.zone, now)
    if period.end - period.start > LONGEST_JOURNAL:
        raise Invalid.field(
            "query", "from", code="period_too_long",
            ru="Журнал печатается не больше чем за 31 день.", en="The journal is printed for at most 31 days.",
        )  # fmt: skip
    paper = await papers.journal(_printing(state, session), period)
    await audit.note_read(state.database, principal, "journal", None, now, rows=len(paper.data["rows"]))
    # A month of a large service takes long to set: no table waits behind it.
    return await _print(state, paper, "jobs")
