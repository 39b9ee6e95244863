"""The first tables.

Deploy rule: there is no program before this one.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("events", "milestones")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")

    op.create_table(
        "event_counter",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("epoch", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_counter_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_counter")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("team_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("user_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
    )
    op.create_index("ix_events_at", "events", ["at"], unique=False, postgresql_using="brin")
    op.create_index(
        "ix_events_call",
        "events",
        ["call_id", "seq"],
        unique=False,
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index("ix_events_kind", "events", ["kind", "seq"], unique=False)
    op.create_table(
        "hospitals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("profiles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("accepting", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hospitals")),
    )
    op.create_index(
        "uq_hospitals_name",
        "hospitals",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["created_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "norms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("norm_set", sa.String(length=20), nullable=False),
        sa.Column("territory", sa.String(length=100), server_default="", nullable=False),
        sa.Column("criticality", sa.String(length=16), nullable=False),
        sa.Column("clock_start", sa.String(length=20), nullable=False),
        sa.Column("clock_stop", sa.String(length=20), nullable=False),
        sa.Column("target_s", sa.Integer(), nullable=False),
        sa.Column("statistic", sa.String(length=8), server_default="share", nullable=False),
        sa.Column("share", sa.Float(), server_default="0.9", nullable=False),
        sa.Column("title_ru", sa.String(length=160), server_default="", nullable=False),
        sa.Column("title_en", sa.String(length=160), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "criticality IN ('critical', 'important', 'common')", name=op.f("ck_norms_criticality")
        ),
        sa.CheckConstraint("statistic IN ('share', 'mean')", name=op.f("ck_norms_statistic")),
        sa.CheckConstraint("target_s > 0", name=op.f("ck_norms_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_norms")),
    )
    op.create_index(
        "uq_norms_rule",
        "norms",
        ["norm_set", "criticality", "clock_start", "clock_stop", "statistic", "share"],
        unique=True,
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_created_at", "notifications", ["created_at"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "patient_data_reads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_data_reads")),
    )
    op.create_index(
        "ix_patient_data_reads_at", "patient_data_reads", ["at"], unique=False, postgresql_using="brin"
    )
    op.create_index("ix_patient_data_reads_call_id", "patient_data_reads", ["call_id"], unique=False)
    op.create_table(
        "patients",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("surname", sa.String(length=100), server_default="", nullable=False),
        sa.Column("patronym", sa.String(length=100), server_default="", nullable=False),
        sa.Column("sex", sa.String(length=8), nullable=True),
        sa.Column("age", sa.SmallInteger(), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("sex IN ('male', 'female')", name=op.f("ck_patients_sex")),
        sa.CheckConstraint("age BETWEEN 0 AND 130", name=op.f("ck_patients_age")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
    )
    op.create_table(
        "reasons",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("criticality", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "criticality IN ('critical', 'important', 'common')", name=op.f("ck_reasons_criticality")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reasons")),
    )
    op.create_index(
        "uq_reasons_title_ru",
        "reasons",
        [sa.literal_column("lower(title_ru)")],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "stations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
    )
    op.create_index(
        "uq_stations_name",
        "stations",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("surname", sa.String(length=100), nullable=False),
        sa.Column("patronym", sa.String(length=100), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("language", sa.String(length=2), server_default="ru", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("language IN ('ru', 'en')", name=op.f("ck_users_language")),
        sa.CheckConstraint("role IN ('admin', 'dispatcher', 'worker')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index(
        "ix_users_living",
        "users",
        ["role", "surname", "name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_users_login",
        "users",
        [sa.literal_column("lower(login)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_api_tokens_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False, start=1), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="new", nullable=False),
        sa.Column("criticality", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("entrance", sa.String(length=20), server_default="", nullable=False),
        sa.Column("floor", sa.String(length=20), server_default="", nullable=False),
        sa.Column("flat", sa.String(length=20), server_default="", nullable=False),
        sa.Column("intercom", sa.String(length=40), server_default="", nullable=False),
        sa.Column("landmark", sa.String(length=300), server_default="", nullable=False),
        sa.Column("district", sa.String(length=100), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("caller_phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("caller_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=True),
        sa.Column("required_profile", sa.String(length=16), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reject_reason", sa.String(length=24), nullable=True),
        sa.Column("reject_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'rejected') = (reject_reason IS NOT NULL)", name=op.f("ck_calls_reject_reason")
        ),
        sa.CheckConstraint(
            "(status IN ('completed', 'rejected')) = (closed_at IS NOT NULL)", name=op.f("ck_calls_closed")
        ),
        sa.CheckConstraint(
            "criticality IN ('critical', 'important', 'common')", name=op.f("ck_calls_criticality")
        ),
        sa.CheckConstraint(
            "status IN ('new', 'accepted', 'completed', 'rejected')", name=op.f("ck_calls_status")
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_calls_location")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_calls_created_by_users")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["calls.id"], name=op.f("fk_calls_duplicate_of_calls")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_calls_patient_id_patients")),
        sa.ForeignKeyConstraint(["reason_code"], ["reasons.code"], name=op.f("fk_calls_reason_code_reasons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("external_id", name=op.f("uq_calls_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_calls_number")),
    )
    op.create_index(
        "ix_calls_open",
        "calls",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('new', 'accepted')"),
    )
    op.create_index(
        "ix_calls_phone",
        "calls",
        ["caller_phone", "received_at"],
        unique=False,
        postgresql_where=sa.text("caller_phone <> ''"),
    )
    op.create_index("ix_calls_received", "calls", ["received_at", "id"], unique=False)
    op.create_table(
        "cars",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("class", sa.String(length=1), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("serviceability", sa.String(length=16), server_default="in_service", nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("class IN ('A', 'B', 'C')", name=op.f("ck_cars_class")),
        sa.CheckConstraint(
            "serviceability IN ('in_service', 'broken', 'maintenance')", name=op.f("ck_cars_serviceability")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_cars_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cars")),
    )
    op.create_index(
        "uq_cars_number", "cars", ["number"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_table(
        "notification_recipients",
        sa.Column("notification_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_recipients_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_recipients_user_id_users")
        ),
        sa.PrimaryKeyConstraint("notification_id", "user_id", name=op.f("pk_notification_recipients")),
    )
    op.create_index(
        "ix_notification_recipients_user",
        "notification_recipients",
        ["user_id", "notification_id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), server_default="1", nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(
        "ix_sessions_living",
        "sessions",
        ["user_id", "last_seen_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "car_positions",
        sa.Column("car_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("speed_mps", sa.Float(), nullable=True),
        sa.Column("heading_deg", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["car_id"], ["cars.id"], name=op.f("fk_car_positions_car_id_cars")),
        sa.PrimaryKeyConstraint("car_id", name=op.f("pk_car_positions")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("car_id", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=True),
        sa.Column("shift_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shift_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_break_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "profile IN ('paramedic', 'physician', 'intensive_care', 'paediatric', 'psychiatric', 'obstetric')",
            name=op.f("ck_teams_profile"),
        ),
        sa.CheckConstraint("shift_end > shift_start", name=op.f("ck_teams_shift")),
        sa.ForeignKeyConstraint(["car_id"], ["cars.id"], name=op.f("fk_teams_car_id_cars")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_teams_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index("ix_teams_shift", "teams", ["shift_start", "shift_end"], unique=False)
    op.create_index(
        "uq_teams_living_car", "teams", ["car_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "uq_teams_living_name",
        "teams",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="assigned", nullable=False),
        sa.Column("assigned_by", sa.BigInteger(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("en_route_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_scene_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transporting_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_hospital_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("trouble_kind", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=40), server_default="", nullable=False),
        sa.Column("hospital_id", sa.BigInteger(), nullable=True),
        sa.Column("start_lat", sa.Float(), nullable=True),
        sa.Column("start_lon", sa.Float(), nullable=True),
        sa.Column("advice_team_id", sa.BigInteger(), nullable=True),
        sa.Column("advice_cost_s", sa.Float(), nullable=True),
        sa.Column("eta_s", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'troubled') = (trouble_kind IS NOT NULL)", name=op.f("ck_assignments_trouble")
        ),
        sa.CheckConstraint(
            "(status IN ('completed', 'declined', 'cancelled', 'diverted', 'troubled')) = (ended_at IS NOT NULL)",
            name=op.f("ck_assignments_ended"),
        ),
        sa.CheckConstraint(
            "status IN ('assigned', 'acknowledged', 'en_route', 'on_scene', 'transporting', 'at_hospital', 'completed', 'declined', 'cancelled', 'diverted', 'troubled')",
            name=op.f("ck_assignments_status"),
        ),
        sa.ForeignKeyConstraint(["assigned_by"], ["users.id"], name=op.f("fk_assignments_assigned_by_users")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_assignments_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["hospital_id"], ["hospitals.id"], name=op.f("fk_assignments_hospital_id_hospitals")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_assignments_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_assigned_at", "assignments", ["assigned_at"], unique=False)
    op.create_index("ix_assignments_call_id", "assignments", ["call_id"], unique=False)
    op.create_index("ix_assignments_team", "assignments", ["team_id", "assigned_at"], unique=False)
    op.create_index(
        "uq_assignments_active_team",
        "assignments",
        ["team_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "team_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id_teams")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_team_members_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_members")),
    )
    op.create_index("ix_team_members_team_id", "team_members", ["team_id"], unique=False)
    op.create_index(
        "uq_team_members_living_user",
        "team_members",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "milestones",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint(
            "(corrects IS NULL) OR (reason <> '')", name=op.f("ck_milestones_correction_has_reason")
        ),
        sa.CheckConstraint(
            "source IN ('tap', 'dispatcher', 'gps', 'simulator', 'inferred')",
            name=op.f("ck_milestones_source"),
        ),
        sa.CheckConstraint(
            "step IN ('assigned', 'acknowledged', 'en_route', 'on_scene', 'transporting', 'at_hospital', 'completed')",
            name=op.f("ck_milestones_step"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_milestones_actor_id_users")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_milestones_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["corrects"], ["milestones.id"], name=op.f("fk_milestones_corrects_milestones")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
    )
    op.create_index("ix_milestones_assignment_id", "milestones", ["assignment_id"], unique=False)
    op.create_index(
        "uq_milestones_first",
        "milestones",
        ["assignment_id", "step"],
        unique=True,
        postgresql_where=sa.text("corrects IS NULL"),
    )

    op.execute("INSERT INTO event_counter (id) VALUES (1)")
    # The log and the milestones are written once. Only a session that says so (a deletion that the law on personal
    # data asks for, done by hand) may change them.
    op.execute(
        """
        CREATE FUNCTION brigada_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('brigada.rewrite_history', true) = 'yes' THEN
                RETURN COALESCE(NEW, OLD);
            END IF;
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION brigada_append_only()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in _APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION brigada_append_only()")

    op.drop_index(
        "uq_milestones_first", table_name="milestones", postgresql_where=sa.text("corrects IS NULL")
    )
    op.drop_index("ix_milestones_assignment_id", table_name="milestones")
    op.drop_table("milestones")
    op.drop_index(
        "uq_team_members_living_user", table_name="team_members", postgresql_where=sa.text("left_at IS NULL")
    )
    op.drop_index("ix_team_members_team_id", table_name="team_members")
    op.drop_table("team_members")
    op.drop_index(
        "uq_assignments_active_team", table_name="assignments", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_assignments_team", table_name="assignments")
    op.drop_index("ix_assignments_call_id", table_name="assignments")
    op.drop_index("ix_assignments_assigned_at", table_name="assignments")
    op.drop_table("assignments")
    op.drop_index("uq_teams_living_name", table_name="teams", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("uq_teams_living_car", table_name="teams", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_teams_shift", table_name="teams")
    op.drop_table("teams")
    op.drop_table("car_positions")
    op.drop_index("ix_sessions_living", table_name="sessions", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("sessions")
    op.drop_index(
        "ix_notification_recipients_user",
        table_name="notification_recipients",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("notification_recipients")
    op.drop_index("uq_cars_number", table_name="cars", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_table("cars")
    op.drop_index("ix_calls_received", table_name="calls")
    op.drop_index("ix_calls_phone", table_name="calls", postgresql_where=sa.text("caller_phone <> ''"))
    op.drop_index(
        "ix_calls_open", table_name="calls", postgresql_where=sa.text("status IN ('new', 'accepted')")
    )
    op.drop_table("calls")
    op.drop_table("api_tokens")
    op.drop_index("uq_users_login", table_name="users", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_index("ix_users_living", table_name="users", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_table("users")
    op.drop_index("uq_stations_name", table_name="stations", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_table("stations")
    op.drop_index("uq_reasons_title_ru", table_name="reasons", postgresql_where=sa.text("active"))
    op.drop_table("reasons")
    op.drop_table("patients")
    op.drop_index("ix_patient_data_reads_call_id", table_name="patient_data_reads")
    op.drop_index("ix_patient_data_reads_at", table_name="patient_data_reads", postgresql_using="brin")
    op.drop_table("patient_data_reads")
    op.drop_index("ix_notifications_created_at", table_name="notifications", postgresql_using="brin")
    op.drop_table("notifications")
    op.drop_index("uq_norms_rule", table_name="norms")
    op.drop_table("norms")
    op.drop_index("ix_idempotency_keys_created_at", table_name="idempotency_keys", postgresql_using="brin")
    op.drop_table("idempotency_keys")
    op.drop_index("uq_hospitals_name", table_name="hospitals", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_table("hospitals")
    op.drop_index("ix_events_kind", table_name="events")
    op.drop_index("ix_events_call", table_name="events", postgresql_where=sa.text("call_id IS NOT NULL"))
    op.drop_index("ix_events_at", table_name="events", postgresql_using="brin")
    op.drop_table("events")
    op.drop_table("event_counter")
