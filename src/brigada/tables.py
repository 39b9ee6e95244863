"""All tables in one place, for the migrations: importing this module makes `Base.metadata` complete."""

from brigada.assignments import models as assignments
from brigada.attention import models as attention
from brigada.auth import models as auth
from brigada.calls import models as calls
from brigada.cars import models as cars
from brigada.db.base import Base
from brigada.dispatch.advice import models as advice
from brigada.events import models as events
from brigada.following import models as following
from brigada.notifications import models as notifications
from brigada.positions import models as positions
from brigada.reports import models as reports
from brigada.stations import models as stations
from brigada.teams import models as teams
from brigada.whatif import models as whatif

MODELS = (
    advice, assignments, attention, auth, calls, cars, events, following, notifications, positions, reports, stations,
    teams, whatif,
)  # fmt: skip
metadata = Base.metadata
