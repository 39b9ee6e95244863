"""The board's bytes, made once for each number of the log, and of them only the calls that changed since."""

import msgspec
from fastapi import Response

from brigada.calls import repository
from brigada.calls.repository import Stamp
from brigada.db.engine import Database
from brigada.events.log import Position
from brigada.events.made import MadeOnce

_encoder = msgspec.json.Encoder()


class Boards:
    """Every open call as JSON; any change of a call has an event, so the log's number says whether bytes are fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bytes = MadeOnce(self._make)
        self._made: dict[int, tuple[Stamp, bytes]] = {}

    async def calls(self, at: Position) -> Response:
        """Return a board that holds at least what the log held at this place."""
        return Response(await self._bytes.get(at), media_type="application/json")

    async def _make(self) -> bytes:
        made = self._made
        # All of one moment: a call shown as new with a team on its way never was.
        async with self._database.snapshot() as session:
            stamps = await repository.board_stamps(session)
            changed = [id_ for id_, stamp in stamps.items() if id_ not in made or made[id_][0] != stamp]
            views = await repository.views(session, changed) if changed else []
        fresh = {view["id"]: _encoder.encode(view) for view in views}
        # Whoever makes another board at the same time puts a whole one of his own in its place: both are true.
        self._made = {
            id_: (stamp, fresh[id_]) if id_ in fresh else made[id_] for id_, stamp in stamps.items()
        }
        return b'{"items":[' + b",".join(told for _, told in self._made.values()) + b'],"next_cursor":null}'
