"""What may go wrong with teams."""

from brigada.errors import Conflict


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    ru, en = "Бригада с таким названием уже на смене.", "A team of this name is living already."


class CarTaken(Conflict):
    code = "car_taken"
    ru, en = "Автомобиль уже у другой бригады.", "The car belongs to another living team."


class WorkerTaken(Conflict):
    code = "worker_taken"
    ru, en = "Сотрудник уже в другой бригаде.", "The worker is on another living team."


class TeamBusy(Conflict):
    """`present` says with what."""

    code = "team_busy"
    ru, en = "Бригада на вызове.", "The team is on a call."


class TeamNotOnShift(Conflict):
    code = "team_not_on_shift"
    ru, en = "Бригада не на смене.", "The team is not on shift."


class TeamOnBreak(Conflict):
    code = "team_on_break"
    ru, en = "Бригада на перерыве.", "The team is on a break."


CONFLICTS = {
    "uq_teams_living_name": TeamNameTaken,
    "uq_teams_living_car": CarTaken,
    "uq_team_members_living_user": WorkerTaken,
}
