"""When people call and why: the rhythm of a city, for history and for the callers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

HOURLY = (
    0.56, 0.48, 0.40, 0.37, 0.33, 0.45, 0.74, 1.05, 1.37, 1.63, 1.77, 1.70,
    1.56, 1.48, 1.28, 1.23, 1.20, 1.14, 1.08, 1.01, 0.91, 0.85, 0.75, 0.65,
)  # fmt: skip
"""Share of an hour against the day's mean, local time: 229,484 calls of Rio de Janeiro (LASPATED)."""
WEEKDAY = (1.08, 1.03, 1.00, 0.99, 1.02, 0.97, 0.95)
"""The same for days, Monday first."""

REASON_WEIGHTS: dict[str, float] = {
    "high_pressure": 11, "high_fever": 8, "chest_pain": 8, "abdominal_pain": 7, "breathing_difficulty": 5,
    "hypertensive_crisis": 5, "injury": 5, "fainting": 4, "dizziness": 4, "child_fever": 4, "back_pain": 3,
    "headache": 3, "vomiting": 3, "anxiety": 3, "transfer": 3, "stroke": 3, "unconscious": 2.5, "heart_rhythm": 2.5,
    "alcohol": 2, "fracture": 2, "head_injury": 2, "allergy": 1.5, "asthma": 1.5, "traffic_accident": 1.5,
    "kidney_colic": 1.5, "chronic_pain": 1.5, "diabetes": 1.2, "poisoning": 1.2, "cardiac_arrest": 1,
    "seizures_now": 1, "child_injury": 1, "labour_pains": 1, "nosebleed": 1, "psychosis": 0.8, "burns": 0.7,
    "severe_bleeding": 0.6, "overdose": 0.6, "childbirth": 0.4, "fall_from_height": 0.3, "choking": 0.3,
    "gunshot_stab": 0.2, "traffic_accident_trapped": 0.1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReasonFacts:
    """A row of the dictionary, as far as inventing calls needs it."""

    code: str
    title_ru: str
    criticality: str


class Reasons:
    """Draws reasons in the proportions above; those not named there come as often as the rarest."""

    def __init__(self, rows: Sequence[ReasonFacts]) -> None:
        self._rows = list(rows)
        self._weights = [REASON_WEIGHTS.get(row.code, 0.1) for row in rows]

    def draw(self, rng: random.Random) -> ReasonFacts:
        return rng.choices(self._rows, self._weights)[0]


def invent_age(rng: random.Random, reason: str) -> int:
    """Return an age that goes with the reason."""
    if reason.startswith("child_"):
        return rng.randrange(15)
    if reason in {"labour_pains", "childbirth", "pregnancy_bleeding"}:
        return rng.randrange(18, 43)
    return min(98, max(0, round(rng.gauss(57, 20))))
