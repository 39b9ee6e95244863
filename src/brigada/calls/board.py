"""The board's bytes, made once for each number of the log."""

import msgspec
from fastapi import Response

from brigada.calls import repository
from brigada.db.engine import Database

_encoder = msgspec.json.Encoder()


class Boards:
    """Every open call as JSON; any change of a call has an event, so the log's number says whether bytes are fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: tuple[int, bytes] | None = None

    async def calls(self, seq: int) -> Response:
        """Return a board that holds at least event number `seq`."""
        # Not "older than": a log that was restored goes on from a smaller number.
        if self._made is None or self._made[0] != seq:
            async with self._database.read() as session:
                board = await repository.board(session)
            # Read after `seq` was: it may hold more than that number says, never less.
            self._made = (seq, _encoder.encode({"items": board, "next_cursor": None}))
        return Response(self._made[1], media_type="application/json")
