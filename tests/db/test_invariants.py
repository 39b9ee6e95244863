"""The database itself forbids what must never be, whatever path a program takes to get there."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from stage import Stage

pytestmark = pytest.mark.anyio


async def forbidden(stage: Stage, statement: str, by: str, **values: Any) -> None:
    """Run a statement that must break this constraint, or be stopped with this word."""
    with pytest.raises(DBAPIError) as caught:
        await stage.sql(statement, **values)
    assert by in str(caught.value.orig), caught.value.orig


CALL = "INSERT INTO calls (status, criticality, reason, address, received_at, created_at"


@pytest.mark.parametrize(
    ("columns", "values", "by"),
    [
        ("", "'lost', 'common', 'r', 'a', now(), now()", "ck_calls_status"),
        ("", "'new', 'dire', 'r', 'a', now(), now()", "ck_calls_criticality"),
        (", closed_at", "'new', 'common', 'r', 'a', now(), now(), now()", "ck_calls_closed"),
        ("", "'completed', 'common', 'r', 'a', now(), now()", "ck_calls_closed"),
        (", closed_at", "'rejected', 'common', 'r', 'a', now(), now(), now()", "ck_calls_reject_reason"),
        (", lat", "'new', 'common', 'r', 'a', now(), now(), 59.9", "ck_calls_location"),
        (", patient_id", "'new', 'common', 'r', 'a', now(), now(), 999999", "fk_calls_patient_id"),
    ],
)
async def test_a_call_is_in_one_clear_state(stage: Stage, columns: str, values: str, by: str) -> None:
    await forbidden(stage, f"{CALL}{columns}) VALUES ({values})", by)


async def test_one_external_number_is_one_call(stage: Stage) -> None:
    await stage.petrova.take_in(external_id="112-1")
    await forbidden(
        stage,
        f"{CALL}, external_id) VALUES ('new', 'common', 'r', 'a', now(), now(), '112-1')",
        "external_id",
    )


async def test_a_team_is_on_one_active_assignment(stage: Stage) -> None:
    call, other = await stage.petrova.take_in(), await stage.petrova.take_in()
    first = await stage.petrova.assign(call, stage.crew12)
    insert = "INSERT INTO assignments (call_id, team_id, assigned_at) VALUES (:call, :team, now())"
    await forbidden(stage, insert, "uq_assignments_active_team", call=other["id"], team=stage.crew12.id)
    await stage.petrova.post(f"/assignments/{first['id']}/cancel")
    await stage.sql(insert, call=other["id"], team=stage.crew12.id)


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("status = 'completed'", "ck_assignments_ended"),
        ("ended_at = now()", "ck_assignments_ended"),
        ("trouble_kind = 'car_broken'", "ck_assignments_trouble"),
        ("status = 'troubled', ended_at = now()", "ck_assignments_trouble"),
        ("status = 'sleeping'", "ck_assignments_"),
    ],
)
async def test_an_assignment_is_in_one_clear_state(stage: Stage, change: str, by: str) -> None:
    await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await forbidden(stage, f"UPDATE assignments SET {change}", by)


async def test_a_milestone_is_written_once_and_never_changed(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    insert = (
        "INSERT INTO milestones (assignment_id, step, at, recorded_at, source, corrects, reason)"
        " VALUES (:id, 'assigned', now(), now(), 'tap', :corrects, :reason)"
    )
    [first] = await stage.sql("SELECT id FROM milestones")
    await forbidden(stage, insert, "uq_milestones_first", id=assignment["id"], corrects=None, reason="")
    await forbidden(
        stage,
        insert,
        "ck_milestones_correction_has_reason",
        id=assignment["id"],
        corrects=first["id"],
        reason="",
    )
    await stage.sql(insert, id=assignment["id"], corrects=first["id"], reason="часы спешили")
    await forbidden(stage, "UPDATE milestones SET at = now()", "append-only")
    await forbidden(stage, "DELETE FROM milestones", "append-only")


async def test_the_log_is_append_only(stage: Stage) -> None:
    await stage.petrova.take_in()
    await forbidden(stage, "UPDATE events SET kind = 'x'", "append-only")
    await forbidden(stage, "DELETE FROM events", "append-only")
    await forbidden(stage, "INSERT INTO event_counter (id) VALUES (2)", "ck_event_counter_one_row")


async def test_a_number_of_the_log_is_given_once(stage: Stage) -> None:
    insert = (
        "INSERT INTO events (seq, at, kind, actor_kind, roles, team_ids, user_ids, data, old)"
        " VALUES (:seq, now(), 'x', 'system', '{}', '{}', '{}', '{}', '{}')"
    )
    await forbidden(stage, insert, "pk_events", seq=await stage.last_seq())


async def test_a_worker_and_a_car_are_in_one_living_team(stage: Stage) -> None:
    team = (
        "INSERT INTO teams (name, profile, car_id, shift_start, shift_end)"
        " VALUES (:name, :profile, :car, now(), now() + interval '1 hour') RETURNING id"
    )
    await forbidden(
        stage, team, "uq_teams_living_car", name="х", profile="paramedic", car=stage.crew12.car_id
    )
    await forbidden(
        stage, team, "uq_teams_living_name", name="12", profile="paramedic", car=stage.spare_car_id
    )
    await forbidden(stage, team, "ck_teams_profile", name="х", profile="surgeon", car=stage.spare_car_id)
    [new] = await stage.sql(team, name="х", profile="paramedic", car=stage.spare_car_id)
    member = "INSERT INTO team_members (team_id, user_id, place, joined_at) VALUES (:team, :user, 0, now())"
    await forbidden(stage, member, "uq_team_members_living_user", team=new["id"], user=stage.crew12.worker.id)
    await forbidden(stage, "UPDATE teams SET shift_end = shift_start", "ck_teams_shift")


async def test_what_must_be_unique_among_the_living_is(stage: Stage) -> None:
    await forbidden(
        stage, "INSERT INTO cars (number, class, model) VALUES ('А112ВС178', 'B', 'x')", "uq_cars_number"
    )
    await forbidden(
        stage,
        "INSERT INTO users (login, password_hash, role, name, surname) VALUES ('PETROVA', '', 'worker', '', '')",
        "uq_users_login",
    )
    await forbidden(
        stage, "INSERT INTO stations (name, lat, lon) VALUES ('подстанция № 1', 1, 1)", "uq_stations_name"
    )
    await forbidden(
        stage, "INSERT INTO hospitals (name, lat, lon) VALUES ('больница № 2', 1, 1)", "uq_hospitals_name"
    )


@pytest.mark.parametrize(
    ("statement", "by"),
    [
        ("UPDATE users SET role = 'chief'", "ck_users_role"),
        ("UPDATE users SET language = 'de'", "ck_users_language"),
        ("UPDATE cars SET class = 'D'", "ck_cars_class"),
        ("UPDATE cars SET serviceability = 'fine'", "ck_cars_serviceability"),
        ("INSERT INTO patients (age) VALUES (-1)", "ck_patients_age"),
        ("INSERT INTO patients (sex) VALUES ('x')", "ck_patients_sex"),
        ("UPDATE reasons SET criticality = 'x'", "ck_reasons_criticality"),
        ("UPDATE norms SET target_s = 0", "ck_norms_target"),
    ],
)
async def test_columns_hold_only_words_of_the_domain(stage: Stage, statement: str, by: str) -> None:
    await forbidden(stage, statement, by)


async def test_every_constraint_that_means_a_refusal_exists(stage: Stage) -> None:
    """A constraint renamed in the database alone would turn a clear 409 into a vague one."""
    rows = await stage.sql(
        "SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
    )
    there = {row["name"] for row in rows}
    assert set(stage.state.conflicts) - there <= {"calls_external_id_key"}
