"""The dictionary of reasons and the sets of norms that a new service starts with.

Deploy rule: only rows are added, the program of the release before does not mind.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REASONS = (
    (
        "cardiac_arrest",
        "Остановка сердца, не дышит",
        "Cardiac arrest, not breathing",
        "critical",
        "intensive_care",
    ),
    ("unconscious", "Без сознания", "Unconscious", "critical", "intensive_care"),
    ("choking", "Подавился, задыхается", "Choking", "critical", "intensive_care"),
    ("breathing_difficulty", "Тяжело дышит, удушье", "Severe difficulty breathing", "critical", "physician"),
    ("chest_pain", "Боль в груди", "Chest pain", "critical", "physician"),
    ("stroke", "Подозрение на инсульт", "Suspected stroke", "critical", "physician"),
    ("severe_bleeding", "Сильное кровотечение", "Severe bleeding", "critical", "physician"),
    ("traffic_accident", "ДТП", "Road accident", "critical", "physician"),
    (
        "traffic_accident_trapped",
        "ДТП, зажат человек",
        "Road accident, person trapped",
        "critical",
        "intensive_care",
    ),
    ("fall_from_height", "Падение с высоты", "Fall from a height", "critical", "intensive_care"),
    (
        "gunshot_stab",
        "Огнестрельное или ножевое ранение",
        "Gunshot or stab wound",
        "critical",
        "intensive_care",
    ),
    ("drowning", "Утопление", "Drowning", "critical", "intensive_care"),
    ("electrocution", "Поражение током", "Electric shock", "critical", "intensive_care"),
    ("burns_severe", "Обширные ожоги", "Extensive burns", "critical", "intensive_care"),
    (
        "anaphylaxis",
        "Анафилаксия, отёк лица или горла",
        "Anaphylaxis, swelling of face or throat",
        "critical",
        "physician",
    ),
    ("seizures_now", "Судороги сейчас", "Seizure now", "critical", "physician"),
    ("hanging", "Повешение, удавление", "Hanging, strangulation", "critical", "intensive_care"),
    ("fire_smoke", "Пожар, отравление дымом", "Fire, smoke inhalation", "critical", "physician"),
    ("childbirth", "Роды", "Childbirth", "critical", "obstetric"),
    ("child_breathing", "Ребёнок тяжело дышит", "Child with difficulty breathing", "critical", "paediatric"),
    ("child_seizures", "Судороги у ребёнка", "Seizure of a child", "critical", "paediatric"),
    ("mass_casualty", "Много пострадавших", "Many casualties", "critical", "intensive_care"),
    ("suicide_attempt", "Попытка самоубийства", "Suicide attempt", "critical", "psychiatric"),
    (
        "heart_rhythm",
        "Перебои в работе сердца",
        "Palpitations, irregular heartbeat",
        "important",
        "physician",
    ),
    ("hypertensive_crisis", "Гипертонический криз", "Hypertensive crisis", "important", "physician"),
    ("abdominal_pain", "Острая боль в животе", "Acute abdominal pain", "important", "paramedic"),
    ("poisoning", "Отравление", "Poisoning", "important", "physician"),
    ("overdose", "Передозировка", "Overdose", "important", "physician"),
    ("diabetes", "Диабет, плохо", "Diabetic emergency", "important", "paramedic"),
    ("allergy", "Аллергия", "Allergic reaction", "important", "paramedic"),
    ("asthma", "Приступ астмы", "Asthma attack", "important", "physician"),
    ("fracture", "Перелом", "Fracture", "important", "paramedic"),
    ("head_injury", "Травма головы", "Head injury", "important", "physician"),
    ("injury", "Травма", "Injury", "important", "paramedic"),
    ("burns", "Ожог", "Burn", "important", "paramedic"),
    ("pregnancy_bleeding", "Кровотечение у беременной", "Bleeding in pregnancy", "important", "obstetric"),
    ("labour_pains", "Схватки", "Labour pains", "important", "obstetric"),
    ("child_fever", "Высокая температура у ребёнка", "High fever of a child", "important", "paediatric"),
    ("child_injury", "Травма у ребёнка", "Injury of a child", "important", "paediatric"),
    ("psychosis", "Острый психоз, опасен", "Acute psychosis, dangerous", "important", "psychiatric"),
    ("fainting", "Обморок, пришёл в себя", "Fainted, conscious again", "important", "paramedic"),
    ("vomiting_blood", "Рвота с кровью", "Vomiting blood", "important", "physician"),
    ("heat_cold", "Перегревание, переохлаждение", "Heat stroke, hypothermia", "important", "paramedic"),
    ("animal_bite", "Укус животного", "Animal bite", "important", "paramedic"),
    ("high_fever", "Высокая температура", "High fever", "common", "paramedic"),
    ("high_pressure", "Повышенное давление", "High blood pressure", "common", "paramedic"),
    ("back_pain", "Боль в спине", "Back pain", "common", "paramedic"),
    ("headache", "Головная боль", "Headache", "common", "paramedic"),
    ("dizziness", "Головокружение", "Dizziness", "common", "paramedic"),
    ("kidney_colic", "Почечная колика", "Renal colic", "common", "paramedic"),
    ("nosebleed", "Носовое кровотечение", "Nosebleed", "common", "paramedic"),
    ("alcohol", "Алкогольное опьянение", "Alcohol intoxication", "common", "paramedic"),
    ("chronic_pain", "Боль при хронической болезни", "Pain of a chronic illness", "common", "paramedic"),
    ("vomiting", "Рвота, понос", "Vomiting, diarrhoea", "common", "paramedic"),
    ("anxiety", "Тревога, паника", "Anxiety, panic", "common", "paramedic"),
    ("transfer", "Перевозка в стационар", "Transfer to a hospital", "common", "paramedic"),
)
"""Code, title in Russian and English, usual criticality, best profile."""

_RU_CRITICAL = ("ru", "critical", "received", "on_scene", 20 * 60, "share", 0.9)
NORMS = (
    # Russia: emergency within 20 minutes of the call (order 388n), urgent within 2 hours (territorial programmes).
    (*_RU_CRITICAL, "Экстренная: 20 минут", "Emergency: 20 minutes", True),
    (
        "ru",
        "important",
        "received",
        "on_scene",
        20 * 60,
        "share",
        0.9,
        "Экстренная: 20 минут",
        "Emergency: 20 minutes",
        True,
    ),
    (
        "ru",
        "common",
        "received",
        "on_scene",
        2 * 3600,
        "share",
        0.9,
        "Неотложная: 2 часа",
        "Urgent: 2 hours",
        True,
    ),
    # NHS England, Ambulance Response Programme: C1, C2, C3.
    (
        "arp",
        "critical",
        "received",
        "on_scene",
        7 * 60,
        "mean",
        0.5,
        "C1: среднее 7 минут",
        "C1: mean 7 minutes",
        False,
    ),
    (
        "arp",
        "critical",
        "received",
        "on_scene",
        15 * 60,
        "share",
        0.9,
        "C1: 90 % за 15 минут",
        "C1: 90 % in 15 minutes",
        False,
    ),
    (
        "arp",
        "important",
        "received",
        "on_scene",
        18 * 60,
        "mean",
        0.5,
        "C2: среднее 18 минут",
        "C2: mean 18 minutes",
        False,
    ),
    (
        "arp",
        "important",
        "received",
        "on_scene",
        40 * 60,
        "share",
        0.9,
        "C2: 90 % за 40 минут",
        "C2: 90 % in 40 minutes",
        False,
    ),
    (
        "arp",
        "common",
        "received",
        "on_scene",
        120 * 60,
        "share",
        0.9,
        "C3: 90 % за 120 минут",
        "C3: 90 % in 120 minutes",
        False,
    ),
    # NFPA 1710: turnout 60 s, travel 240 s for first responders, 480 s for advanced life support, each for 90 %.
    (
        "nfpa1710",
        "critical",
        "assigned",
        "en_route",
        60,
        "share",
        0.9,
        "Выезд: 60 секунд",
        "Turnout: 60 seconds",
        False,
    ),
    (
        "nfpa1710",
        "critical",
        "en_route",
        "on_scene",
        240,
        "share",
        0.9,
        "Доезд: 4 минуты",
        "Travel: 4 minutes",
        False,
    ),
    (
        "nfpa1710",
        "important",
        "en_route",
        "on_scene",
        480,
        "share",
        0.9,
        "Доезд: 8 минут",
        "Travel: 8 minutes",
        False,
    ),
)
"""Set, criticality, clock start, clock stop, target in seconds, statistic, share, titles, active."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    columns = ("code", "title_ru", "title_en", "criticality", "profile")
    reasons = sa.table("reasons", *(sa.column(name) for name in columns))
    op.bulk_insert(reasons, [dict(zip(columns, row, strict=True)) for row in REASONS])
    norm_columns = (
        "norm_set", "criticality", "clock_start", "clock_stop", "target_s", "statistic", "share",
        "title_ru", "title_en", "active",
    )  # fmt: skip
    norms = sa.table("norms", *(sa.column(name) for name in norm_columns))
    op.bulk_insert(norms, [dict(zip(norm_columns, row, strict=True)) for row in NORMS])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Reasons that calls refer to go with the tables themselves, when 0001 is undone.
    op.execute("DELETE FROM norms")
    op.execute("DELETE FROM reasons r WHERE NOT EXISTS (SELECT 1 FROM calls c WHERE c.reason_code = r.code)")
