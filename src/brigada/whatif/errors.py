"""Refusals of what-if runs, and why a run may fail."""

from typing import Final

from brigada.errors import Conflict, Problem


class RunNotDone(Conflict):
    code = "run_not_done"
    ru, en = "Расчёт ещё не закончен.", "The run is not done yet."


class TooManyRuns(Conflict):
    code = "too_many_runs"
    ru, en = (
        "Расчётов в очереди уже много. Дождитесь одного из них или отмените его.",
        "Many runs are waiting already. Let one of them end, or cancel it.",
    )


class NoSuchChart(Problem):
    status, code = 404, "no_such_chart"
    ru, en = "Такого графика нет.", "There is no such chart."


PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "not_enough_calls": (
        "За этот срок слишком мало вызовов: нужно хотя бы 50 за 7 дней, на которые приезжали бригады.",
        "Too few calls in this period: at least 50 on 7 days to which teams came are needed.",
    ),
    "no_stations": ("Ни одной подстанции нет.", "There is no station."),
    "no_shifts": ("За этот срок нет ни одной смены.", "There is no shift in this period."),
    "impossible": (
        "Изменение невозможно: такой подстанции в эти недели не было, или закрыта была бы последняя.",
        "The change can't be made: there was no such station in these weeks, or the last one would be closed.",
    ),
    "interrupted": (
        "Расчёт прервался вместе с сервером. Запустите его ещё раз.",
        "The run broke off with its server. Start it again.",
    ),
    "internal": (
        "Расчёт не удался, ошибка записана в журнал сервера.",
        "The run failed; the server's log says why.",
    ),
}
"""Sentences for people, by the word that is stored."""


class NotEnoughError(Exception):
    """The past can't be played; `code` says what is missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ImpossibleChangeError(Exception):
    """A change names a station that is not there, or no longer; the message is its number."""
