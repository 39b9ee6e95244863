"""The audit of reads of patient data: who looked at whose, when.

Written down is what somebody asks for: a card, a history, a list, a search, a document. The board, the snapshot and the
socket are not: they are what everyone on duty has in front of them, by the sessions and the log itself. An outside
system is on no duty: each of its looks at the board is written down too.
"""

from datetime import datetime

import msgspec

from brigada.auth.principal import Principal
from brigada.db.engine import Database

_NOTE = """
    INSERT INTO patient_data_reads (at, user_id, token_id, what, call_id, details)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb)
"""


async def note_read(
    database: Database, principal: Principal, what: str, call_id: int | None, now: datetime, **details: object
) -> None:
    """Write down one look before its answer leaves; `details` must hold no patient data itself."""
    token_id = principal.id if principal.kind == "token" else None
    await database.fetch_one(
        _NOTE, now, principal.user_id, token_id, what, call_id, msgspec.json.encode(details).decode()
    )
