"""What a crew is told at each turn, in both languages.

Street names are given after a colon: Russian would need them in the accusative case, which no rule forms
reliably for names ("на улицу Репина", but "на Невский").
"""

_SIDES = {
    "left": ("налево", "left"),
    "right": ("направо", "right"),
    "slight left": ("плавно налево", "slightly left"),
    "slight right": ("плавно направо", "slightly right"),
    "sharp left": ("резко налево", "sharply left"),
    "sharp right": ("резко направо", "sharply right"),
    "straight": ("прямо", "straight"),
    "uturn": ("на разворот", "around"),
}

_COMPASS = (
    ("на север", "north"),
    ("на северо-восток", "north-east"),
    ("на восток", "east"),
    ("на юго-восток", "south-east"),
    ("на юг", "south"),
    ("на юго-запад", "south-west"),
    ("на запад", "west"),
    ("на северо-запад", "north-west"),
)

_KEEP = {
    "left": ("Держитесь левее", "Keep left"),
    "slight left": ("Держитесь левее", "Keep left"),
    "sharp left": ("Держитесь левее", "Keep left"),
    "right": ("Держитесь правее", "Keep right"),
    "slight right": ("Держитесь правее", "Keep right"),
    "sharp right": ("Держитесь правее", "Keep right"),
}

_ORDINALS = ("1st", "2nd", "3rd")


def step_texts(
    kind: str, modifier: str = "", street: str = "", exit_number: int = 0, bearing: float = 0.0
) -> tuple[str, str]:
    """(Russian, English) for one of OSRM's manoeuvres.

    `bearing` in degrees from north serves the departure, `exit_number` roundabouts, 1 being the first.
    Kinds and modifiers are those of OSRM's HTTP API; an unknown one is told as "go on".
    """
    ru, en = _act(kind, modifier, exit_number, bearing)
    if street and kind != "arrive":
        return f"{ru}: {street}", f"{en}: {street}"
    return ru, en


def _act(kind: str, modifier: str, exit_number: int, bearing: float) -> tuple[str, str]:
    side_ru, side_en = _SIDES.get(modifier, _SIDES["straight"])
    if kind == "depart":
        where_ru, where_en = _COMPASS[round(bearing / 45) % 8]
        return f"Выезжайте {where_ru}", f"Head {where_en}"
    if kind == "arrive":
        if modifier in {"left", "slight left", "sharp left"}:
            return "Вы на месте, цель слева", "You have arrived, on the left"
        if modifier in {"right", "slight right", "sharp right"}:
            return "Вы на месте, цель справа", "You have arrived, on the right"
        return "Вы на месте", "You have arrived"
    if kind in {"roundabout", "rotary", "roundabout turn"} and exit_number:
        ordinal = _ORDINALS[exit_number - 1] if exit_number <= 3 else f"{exit_number}th"
        return f"На кольце — {exit_number}-й съезд", f"At the roundabout take the {ordinal} exit"
    if kind in {"roundabout", "rotary"}:
        return "Въезжайте на кольцо", "Enter the roundabout"
    if kind in {"exit roundabout", "exit rotary"}:
        return "Съезжайте с кольца", "Leave the roundabout"
    if modifier == "uturn":
        return "Развернитесь", "Make a U-turn"
    if kind == "fork" or (kind in {"on ramp", "off ramp"} and modifier in _KEEP):
        keep_ru, keep_en = _KEEP.get(modifier, ("Продолжайте прямо", "Go straight"))
        if kind == "off ramp":
            return f"{keep_ru} на съезд", f"{keep_en} to the exit"
        if kind == "on ramp":
            return f"{keep_ru} на въезд", f"{keep_en} to the ramp"
        return keep_ru, keep_en
    if kind == "merge":
        return "Вливайтесь в поток", "Merge"
    if modifier in {"", "straight"} or kind in {"new name", "notification"}:
        return "Продолжайте прямо", "Go straight"
    if kind == "end of road":
        return f"В конце дороги поверните {side_ru}", f"At the end of the road turn {side_en}"
    return f"Поверните {side_ru}", f"Turn {side_en}"
