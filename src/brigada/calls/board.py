"""The board's bytes, made once for each number of the log."""

import msgspec
from fastapi import Response

from brigada.calls import repository
from brigada.db.engine import Database
from brigada.events.log import Position
from brigada.events.made import MadeOnce

_encoder = msgspec.json.Encoder()


class Boards:
    """Every open call as JSON; any change of a call has an event, so the log's number says whether bytes are fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bytes = MadeOnce(self._make)

    async def calls(self, at: Position) -> Response:
        """Return a board that holds at least what the log held at this place."""
        return Response(await self._bytes.get(at), media_type="application/json")

    async def _make(self) -> bytes:
        # Calls and their assignments of one moment: a call shown as new with a team on its way never was.
        async with self._database.snapshot() as session:
            board = await repository.board(session)
        return _encoder.encode({"items": board, "next_cursor": None})
