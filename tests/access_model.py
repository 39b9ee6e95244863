"""The access model, as a table: who may call what. A route that is not here fails the tests.

`worker`, `dispatcher`, `admin` are people; words with a colon are scopes of keys for outside systems. What a worker may
see and touch is narrowed to the own team's work by `test_own_work.py`.
"""

PUBLIC = "everybody"
"""Reachable without a session; limited by address."""

EVERY_ROLE = "worker dispatcher admin"
PLACES = f"{EVERY_ROLE} calls:create"

ACCESS = {
    "POST /auth/login": PUBLIC,
    "POST /auth/refresh": PUBLIC,
    "POST /auth/logout": PUBLIC,
    "GET /auth/me": EVERY_ROLE,
    "POST /auth/password": EVERY_ROLE,
    "GET /auth/sessions": EVERY_ROLE,
    "DELETE /auth/sessions/{session_id}": EVERY_ROLE,
    "GET /users": "dispatcher admin",
    "POST /users": "admin",
    "GET /users/{user_id}": "dispatcher admin",
    "PATCH /users/{user_id}": "admin",
    "DELETE /users/{user_id}": "admin",
    "GET /cars": "dispatcher admin",
    "POST /cars": "admin",
    "GET /cars/{car_id}": "dispatcher admin",
    "PATCH /cars/{car_id}": "admin",
    "DELETE /cars/{car_id}": "admin",
    "GET /stations": f"{EVERY_ROLE} teams:read",
    "POST /stations": "admin",
    "GET /stations/{station_id}": f"{EVERY_ROLE} teams:read",
    "PATCH /stations/{station_id}": "admin",
    "DELETE /stations/{station_id}": "admin",
    "GET /hospitals": f"{EVERY_ROLE} teams:read",
    "POST /hospitals": "admin",
    "GET /hospitals/{hospital_id}": f"{EVERY_ROLE} teams:read",
    "PATCH /hospitals/{hospital_id}": "admin",
    "DELETE /hospitals/{hospital_id}": "admin",
    "GET /teams": "dispatcher admin teams:read positions:read",
    "POST /teams": "admin",
    "GET /teams/mine": EVERY_ROLE,
    "GET /teams/{team_id}": "dispatcher admin teams:read positions:read",
    "PATCH /teams/{team_id}": "admin",
    "DELETE /teams/{team_id}": "admin",
    "POST /teams/{team_id}/break": EVERY_ROLE,
    "POST /teams/{team_id}/resume": EVERY_ROLE,
    "GET /calls": "dispatcher admin calls:read",
    "POST /calls": "dispatcher calls:create",
    "GET /calls/duplicates": "dispatcher calls:create",
    "GET /calls/{call_id}": "worker dispatcher admin calls:read",
    "PATCH /calls/{call_id}": "dispatcher",
    "GET /calls/{call_id}/history": "worker dispatcher admin calls:read",
    "POST /calls/{call_id}/assignments": "dispatcher",
    "POST /calls/{call_id}/reject": "dispatcher",
    "POST /calls/{call_id}/complete": "dispatcher",
    "GET /assignments/current": EVERY_ROLE,
    "GET /assignments/{assignment_id}": "worker dispatcher admin calls:read",
    "POST /assignments/{assignment_id}/steps": "worker dispatcher",
    "POST /assignments/{assignment_id}/corrections": "worker dispatcher",
    "POST /assignments/{assignment_id}/decline": "worker dispatcher",
    "POST /assignments/{assignment_id}/trouble": "worker dispatcher",
    "POST /assignments/{assignment_id}/cancel": "dispatcher",
    "GET /calls/{call_id}/candidates": "dispatcher",
    "GET /assignments/{assignment_id}/route": "worker dispatcher admin calls:read",
    "POST /positions": "worker",
    "GET /positions": "dispatcher admin positions:read",
    "GET /positions/{team_id}/track": "worker dispatcher admin positions:read",
    "GET /positions/osmand/{device_token}": PUBLIC,  # the token in the address is the key
    "POST /positions/osmand/{device_token}": PUBLIC,
    "GET /devices": "admin",
    "POST /devices": "admin",
    "DELETE /devices/{device_id}": "admin",
    "GET /events": "dispatcher admin",  # a dispatcher: what dispatchers are told
    "GET /reasons": f"{EVERY_ROLE} calls:create calls:read",
    "POST /reasons": "admin",
    "PATCH /reasons/{code}": "admin",
    "DELETE /reasons/{code}": "admin",
    "GET /norms": f"{EVERY_ROLE} calls:create calls:read",
    "POST /norms": "admin",
    "PATCH /norms/{norm_id}": "admin",
    "GET /reports": f"{EVERY_ROLE} reports:read",
    "GET /reports/{name}": f"{EVERY_ROLE} reports:read",
    "GET /notifications": EVERY_ROLE,
    "POST /notifications/{notification_id}/read": EVERY_ROLE,
    "DELETE /notifications/{notification_id}": EVERY_ROLE,
    "GET /tokens": "admin",
    "POST /tokens": "admin",
    "DELETE /tokens/{token_id}": "admin",
    "GET /geocode": PLACES,
    "GET /geocode/reverse": PLACES,
    "GET /region": PLACES,
    "GET /map/{z}/{x}/{y}.mvt": PLACES,
    "GET /snapshot": EVERY_ROLE,
    "WS /ws": EVERY_ROLE,
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /ca.crt": PUBLIC,
}
"""Below `/api/v1`."""

OPEN_PAGES = {
    "GET /health/live", "GET /health/ready", "GET /metrics", "GET /ca.crt", "GET /api/openapi.json",
}  # fmt: skip
"""Outside `/api/v1`, for everybody; the console's own pages and files are the others."""
