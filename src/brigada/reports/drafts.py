"""Files are written aside and renamed when they are whole; what a killed process left half written is swept away."""

import time
from pathlib import Path
from typing import Final

ABANDONED_S: Final = 3600.0
"""No draft is being written for so long: the largest take some seconds."""


def sweep_abandoned(folder: Path, pattern: str) -> None:
    """Delete the drafts of this pattern that nobody has written to for an hour."""
    for draft in folder.glob(pattern):
        try:
            if time.time() - draft.stat().st_mtime > ABANDONED_S:
                draft.unlink(missing_ok=True)
        except FileNotFoundError:  # whole by now, or swept by another process
            continue
