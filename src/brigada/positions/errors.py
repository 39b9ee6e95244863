"""Refusals of this area."""

from brigada.errors import Conflict, Invalid, Problem


class NoTeam(Conflict):
    """The caller's device belongs to nobody's car at the moment."""

    code = "no_team"
    ru = "Вы сейчас не в составе бригады: положение не к чему отнести."
    en = "You are on no team at the moment: there is no car that the position belongs to."


class TooManyPoints(Problem):
    status, code = 413, "too_many_points"
    ru, en = "Не больше {limit} точек за раз.", "At most {limit} points at once."


class BadPositions(Invalid):
    ru, en = "Ожидается список точек.", "A list of points is expected."
