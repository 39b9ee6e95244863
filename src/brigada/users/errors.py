"""What may go wrong with accounts."""

from brigada.errors import Conflict


class LoginTaken(Conflict):
    code = "login_taken"
    ru, en = "Такой логин уже есть.", "This login is taken."


class LastAdministrator(Conflict):
    code = "last_administrator"
    ru = "Это последний действующий администратор: сначала назначьте другого."
    en = "This is the last active administrator: appoint another one first."


class UserOnTeam(Conflict):
    code = "user_on_team"
    ru = "Сотрудник в бригаде на смене: сначала завершите её или замените его."
    en = "This worker is on a living team: end it or replace the worker first."


CONFLICTS = {"uq_users_login": LoginTaken, "uq_team_members_living_user": UserOnTeam}
