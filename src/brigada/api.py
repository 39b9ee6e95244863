"""The list of area routers; the order is the order in the documentation."""

from fastapi import APIRouter

from brigada.attention.router import router as attention
from brigada.auth.router import router as auth
from brigada.auth.router import tokens_router as tokens
from brigada.calls.router import norms_router as norms
from brigada.calls.router import reasons_router as reasons
from brigada.calls.router import router as calls
from brigada.cars.router import router as cars
from brigada.dispatch.advice.router import router as advice
from brigada.dispatch.router import calls_router as dispatch_calls
from brigada.dispatch.router import router as assignments
from brigada.dispatch.router import teams_router as dispatch_teams
from brigada.following.router import router as following
from brigada.journal.router import router as journal
from brigada.notifications.router import router as notifications
from brigada.places.router import router as places
from brigada.positions.devices_router import osmand_router as osmand
from brigada.positions.devices_router import router as devices
from brigada.positions.router import router as positions
from brigada.realtime.router import router as realtime
from brigada.replay.router import router as replay
from brigada.reports.jobs_router import jobs_router as report_jobs
from brigada.reports.jobs_router import schedules_router as report_schedules
from brigada.reports.router import calls_router as report_calls
from brigada.reports.router import router as reports
from brigada.stations.router import hospitals_router as hospitals
from brigada.stations.router import router as stations
from brigada.teams.router import router as teams
from brigada.users.router import router as users
from brigada.whatif.router import router as whatif

PREFIX = "/api/v1"

ROUTERS: tuple[APIRouter, ...] = (
    auth, users, cars, stations, hospitals, teams, dispatch_teams, calls, dispatch_calls, assignments, advice,
    following, reasons, norms, positions, osmand, devices, attention, notifications, journal, replay, report_jobs,
    report_schedules, reports, report_calls, whatif, tokens, places, realtime,
)  # fmt: skip
