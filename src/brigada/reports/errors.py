"""Refusals of reports."""

from brigada.errors import Conflict, Problem


class ReportNotForRole(Problem):
    status, code = 403, "report_not_for_role"
    ru, en = "Этот отчёт вам недоступен.", "This report is not for your role."


class NoTeamOfYours(Conflict):
    code = "no_team_of_yours"
    ru, en = (
        "Вы ещё не были в бригаде, поэтому смены для отчёта нет.",
        "You have been on no team yet, so there is no shift to report.",
    )


class NoSuchPart(Problem):
    status, code = 404, "no_such_part"
    ru, en = "В этом отчёте нет такого графика или таблицы.", "This report has no such chart or table."


class JobNotDone(Conflict):
    code = "job_not_done"
    ru, en = "Задание ещё не закончено.", "The job is not done yet."
