"""Every kind of event: what it means, and who may be told. Nothing else gets into the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from brigada.events.log import Event


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of event means, and its widest audience.

    Attributes:
        meaning: one sentence for whoever reads the log.
        roles: the roles that may be told.
        crew: whether the crews concerned may be told (`team_ids`).
        persons: whether single persons may be told (`user_ids`).
    """

    meaning: str
    roles: frozenset[str] = frozenset()
    crew: bool = False
    persons: bool = False


class WrongEventError(ValueError):
    """An event of an unknown kind, or one told to somebody whom its kind does not name: a bug."""


_SCREENS = frozenset({"dispatcher", "admin"})
_ADMIN = frozenset({"admin"})
_ALL = frozenset({"dispatcher", "admin", "worker"})

KINDS: Final[Mapping[str, Kind]] = {
    "call.created": Kind("A call was taken in.", _SCREENS),
    "call.updated": Kind("What is known of a call has changed.", _SCREENS, crew=True),
    "call.waiting_again": Kind("A call lost its last team and waits anew; its clock goes on.", _SCREENS),
    "call.completed": Kind("A call is done.", _SCREENS, crew=True),
    "call.rejected": Kind("A call was rejected with a reason.", _SCREENS, crew=True),
    "assignment.created": Kind("A team was sent to a call.", _SCREENS, crew=True),
    "assignment.step": Kind("A crew reported a step of its work.", _SCREENS, crew=True),
    "assignment.route": Kind(
        "A crew's way to the call, or its expected arrival, has changed.", _SCREENS, crew=True
    ),
    "assignment.proposed": Kind(
        "A crew's positions tell that it departed or arrived; it is asked to confirm.", _SCREENS, crew=True
    ),
    "assignment.arrival": Kind("A crew on its way will arrive at another time.", _SCREENS, crew=True),
    "assignment.corrected": Kind(
        "The time of a step, or what was said with it, was put right.", _SCREENS, crew=True
    ),
    "assignment.completed": Kind("A crew has done its work on a call.", _SCREENS, crew=True),
    "assignment.declined": Kind("A crew could not go.", _SCREENS, crew=True),
    "assignment.cancelled": Kind("A dispatcher took a team back.", _SCREENS, crew=True),
    "assignment.diverted": Kind("A team was sent to another call on its way.", _SCREENS, crew=True),
    "assignment.troubled": Kind("Something befell a crew at work.", _SCREENS, crew=True),
    "advice.changed": Kind("The plan would send other teams than a moment ago.", _SCREENS),
    "advice.settings": Kind("An administrator changed how teams are advised.", _SCREENS),
    "proposal.made": Kind("The plan would turn a crew round; a dispatcher decides.", _SCREENS),
    "proposal.confirmed": Kind("A proposal was carried out.", _SCREENS),
    "proposal.declined": Kind("A proposal was declined.", _SCREENS),
    "proposal.withdrawn": Kind("A proposal holds no more.", _SCREENS),
    "attention.raised": Kind("Something waits too long, or a crew calls for help.", _SCREENS),
    "attention.moved": Kind("Who called for help called again, from another place.", _SCREENS),
    "attention.escalated": Kind("What asks for attention was acknowledged by nobody.", _SCREENS),
    "attention.acknowledged": Kind("Somebody is on what asks for attention.", _SCREENS),
    "attention.ended": Kind("What asked for attention is over.", _SCREENS),
    "attention_rule.updated": Kind("A rule of attention has changed.", _ADMIN),
    "team.created": Kind("A team was formed.", _SCREENS, crew=True, persons=True),
    "team.updated": Kind("A team, its car or its crew has changed.", _SCREENS, crew=True, persons=True),
    "team.break_started": Kind("A team is on a break.", _SCREENS, crew=True),
    "team.break_ended": Kind("A team is back from its break.", _SCREENS, crew=True),
    "team.ended": Kind("A team's shift is over.", _SCREENS, crew=True, persons=True),
    "car.created": Kind("A car was added.", _SCREENS),
    "car.updated": Kind("A car has changed, or is broken.", _SCREENS),
    "car.deleted": Kind("A car was retired.", _SCREENS),
    "station.created": Kind("A station was added.", _ALL),
    "station.updated": Kind("A station has changed.", _ALL),
    "station.deleted": Kind("A station was closed.", _ALL),
    "hospital.created": Kind("A hospital was added.", _ALL),
    "hospital.updated": Kind("A hospital has changed, or takes patients again, or no more.", _ALL),
    "hospital.deleted": Kind("A hospital was closed.", _ALL),
    "reason.created": Kind("The dictionary has a new reason.", _ALL),
    "reason.updated": Kind("A reason of the dictionary has changed.", _ALL),
    "reason.deleted": Kind("A reason is offered no more.", _ALL),
    "norm.created": Kind("There is a new norm.", _SCREENS),
    "norm.updated": Kind("A norm has changed.", _SCREENS),
    "device.created": Kind("A tracker got a key.", _ADMIN),
    "device.revoked": Kind("A tracker's key was revoked.", _ADMIN),
    "device.alarm": Kind("A device in a car called for help."),
    "report_job.created": Kind("A long report or an export was asked for.", _ADMIN),
    "report_job.finished": Kind("A long report or an export has ended, one way or another.", _ADMIN),
    "report_job.cancelled": Kind("A long report or an export was cancelled or forgotten.", _ADMIN),
    "report_schedule.created": Kind("A report will be written by itself from now on.", _ADMIN),
    "report_schedule.deleted": Kind("A report is written by itself no more.", _ADMIN),
    "whatif.created": Kind("An administrator asked what would be if.", _ADMIN),
    "whatif.finished": Kind("A what-if run has ended, one way or another.", _ADMIN),
    "whatif.cancelled": Kind("A what-if run was cancelled or forgotten.", _ADMIN),
    "user.created": Kind("An account was added.", _ADMIN),
    "user.updated": Kind("An account has changed.", _ADMIN),
    "user.deleted": Kind("An account was deleted.", _ADMIN),
    "user.password_changed": Kind("A person changed the own password.", persons=True),
    "session.started": Kind("Somebody signed in."),
    "session.ended": Kind("A session has ended; its sockets are closed.", persons=True),
    "token.created": Kind("An outside system got a key.", _ADMIN),
    "token.revoked": Kind("A key was revoked.", _ADMIN),
    "notification.created": Kind("People were told something.", persons=True),
    "notification.read": Kind("A person has read a notification.", persons=True),
    "notification.deleted": Kind("A person put a notification away.", persons=True),
}
"""Add a line before you record a new kind."""


def check(event: Event) -> None:
    """Let an event into the log.

    Raises:
        WrongEventError: its kind is not in the table, or somebody would be told who must not be.
    """
    kind = KINDS.get(event.kind)
    if kind is None:
        message = f"{event.kind} is not in the table of events.kinds"
        raise WrongEventError(message)
    if (
        set(event.roles) - kind.roles
        or (event.team_ids and not kind.crew)
        or (event.user_ids and not kind.persons)
    ):
        message = f"{event.kind} would be told to somebody whom its kind does not name"
        raise WrongEventError(message)
