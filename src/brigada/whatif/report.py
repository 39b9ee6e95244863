"""A result as a report: the same tables, charts and files as every other report of the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from brigada.errors import Language
from brigada.reports.output.values import clock
from brigada.reports.tables import Chart, Column, Figure, Report, Table, Text, say
from brigada.reports.tasks import Format, rendered
from brigada.reports.words import CRITICALITY
from brigada.whatif import words
from brigada.whatif.past import CRITICALITIES

STEPS: Final = words.STEPS


@dataclass(frozen=True, slots=True)
class FormTask:
    """A report to be given a form in a worker process."""

    report: Report
    form: Format
    part: str | None
    service: str


def in_form(task: FormTask) -> bytes:
    """Return the report as a file.

    Raises:
        NoSuchPartError: it has no such chart or table.
    """
    return rendered(task.report, task.form, task.part, task.service)


def built(
    question: dict[str, Any], result: dict[str, Any], language: Language, zone: ZoneInfo, made_at: datetime
) -> Report:
    """Return a run's result as a report in a language."""
    maker = _Maker(question, result, language)
    period = result["period"]
    levels = [maker.levels(name) for name in CRITICALITIES if result["base"]["values"][f"calls_{name}"]]
    return Report(
        name="whatif",
        title=say(words.TITLE, language),
        language=language,
        start=datetime.fromisoformat(period["from"]),
        end=datetime.fromisoformat(period["to"]),
        zone=str(zone),
        made_at=made_at,
        filters="; ".join(maker.names),
        norm={"title": "", "items": []},
        tables=[maker.changes(), *levels, maker.teams(), maker.hours()],
        charts=[
            Chart("changes", maker.say(words.CHART_CHANGES), "interval", "changes", "label", ("change", "low", "high")),
            Chart("hours", maker.say(words.HOURS), "line", "hours", "hour", maker.keys),
        ],
        figures=maker.figures(),
        notes=maker.notes(),
    )  # fmt: skip


class _Maker:
    def __init__(self, question: dict[str, Any], result: dict[str, Any], language: Language) -> None:
        self._result = result
        self._language = language
        stations = {row["id"]: row["name"] for row in result["stations"]}
        self.names = [words.variant_name(variant, stations, language) for variant in question["variants"]]
        self.keys = ("base", *(f"v{n}" for n in range(len(self.names))))

    def say(self, text: Text) -> str:
        return say(text, self._language)

    def figures(self) -> list[Figure]:
        before = self._result["base"]["values"]["mean"]
        title = self.say(words.MEAN)
        return [
            Figure(f"mean_v{n}", f"{title}: {name}", "seconds", variant["values"]["mean"], before, "down")
            for n, (name, variant) in enumerate(zip(self.names, self._result["variants"], strict=True))
        ]

    def changes(self) -> Table:
        """Variant by criticality: how much earlier or later, and how surely."""
        say_ = self.say
        rows = []
        for name, variant in zip(self.names, self._result["variants"], strict=True):
            for criticality in CRITICALITIES:
                found = variant["changes"].get(f"mean_{criticality}")
                if found is None:
                    continue
                target = self._result["targets"][criticality][0]
                late = variant["changes"].get(f"late_{criticality}_{target:g}") or {
                    "value": None,
                    "half": None,
                }
                rows.append(
                    {
                        "variant": name,
                        "calls": say_(CRITICALITY[criticality]),
                        "label": f"{name} · {say_(CRITICALITY[criticality])}",
                        "change": found["value"],
                        "low": found["value"] - found["half"],
                        "high": found["value"] + found["half"],
                        "verdict": say_(_verdict(found)),
                        "late": late["value"],
                        "late_low": None if late["half"] is None else late["value"] - late["half"],
                        "late_high": None if late["half"] is None else late["value"] + late["half"],
                    }
                )
        columns = (
            Column("variant", say_(words.VARIANT), "text"),
            Column("calls", say_(words.CALLS), "text"),
            Column("change", say_(words.CHANGE), "seconds"),
            Column("low", say_(words.FROM), "seconds"),
            Column("high", say_(words.TO), "seconds"),
            Column("verdict", say_(words.VERDICT), "text"),
            Column("late", say_(words.LATE_CHANGE), "share"),
            Column("late_low", say_(words.FROM), "share"),
            Column("late_high", say_(words.TO), "share"),
        )
        return Table("changes", say_(words.CHANGES), columns, rows)

    def levels(self, criticality: str) -> Table:
        """As recorded, today, and each variant: how calls of one criticality fared."""
        targets = self._result["targets"][criticality]
        keys = [f"calls_{criticality}", f"mean_{criticality}", f"p90_{criticality}"]
        late = [f"late_{criticality}_{target:g}" for target in targets]
        columns = (
            Column("variant", self.say(words.VARIANT), "text"),
            Column(keys[0], self.say(words.CALLS), "count"),
            Column(keys[1], self.say(words.MEAN), "seconds"),
            Column(keys[2], self.say(words.P90), "seconds"),
            *(
                Column(key, self.say(words.LATE).format(minutes=f"{target / 60:g}"), "share")
                for key, target in zip(late, targets, strict=True)
            ),
        )
        return Table(
            criticality, self.say(CRITICALITY[criticality]), columns, self._rows([*keys, *late], fact=True)
        )

    def _rows(self, keys: list[str], *, fact: bool) -> list[dict[str, Any]]:
        result = self._result
        found = [(self.say(words.BASE), result["base"]["values"])]
        if fact:
            found.insert(0, (self.say(words.FACT), result["fact"]))
        found += [
            (name, variant["values"]) for name, variant in zip(self.names, result["variants"], strict=True)
        ]
        return [{"variant": name, **{key: values.get(key) for key in keys}} for name, values in found]

    def teams(self) -> Table:
        """What each variant costs."""
        rows = self._rows(["team_h", "busy", "driven_h", "unserved"], fact=False)
        for row, variant in zip(rows[1:], self._result["variants"], strict=True):
            found = variant["changes"].get("busy")
            row["busy_change"] = None if found is None else found["value"]
        columns = (
            Column("variant", self.say(words.VARIANT), "text"),
            Column("team_h", self.say(words.TEAM_HOURS), "number"),
            Column("busy", self.say(words.BUSY), "share"),
            Column("busy_change", self.say(words.BUSY_CHANGE), "share"),
            Column("driven_h", self.say(words.DRIVING), "number"),
            Column("unserved", self.say(words.UNSERVED), "number"),
        )
        return Table("teams", self.say(words.TEAMS), columns, rows)

    def hours(self) -> Table:
        """Mean arrival by hour of the day."""
        plays = [self._result["base"], *self._result["variants"]]
        rows = [
            {"hour": f"{hour:02}", **{key: play["hours"][hour] for key, play in zip(self.keys, plays, strict=True)}}
            for hour in range(24)
        ]  # fmt: skip
        titles = [self.say(words.BASE), *self.names]
        columns = (
            Column("hour", self.say(words.HOUR), "text"),
            *(Column(key, title, "seconds") for key, title in zip(self.keys, titles, strict=True)),
        )
        return Table("hours", self.say(words.HOURS), columns, rows)

    def notes(self) -> list[str]:
        result, fit = self._result, self._result["fit"]
        data = {
            "triage": clock(fit["triage_s"]), "turnout": clock(fit["turnout_s"]), "trips": fit["trips"],
            "travel": f"{fit['travel']:.2f}", "sigma": f"{100 * fit['sigma']:.0f}", "days": result["period"]["days"],
            "repeats": result["repeats"], **result["left_out"],
        }  # fmt: skip
        names = ["model", "days", "fit", "crews"]
        if any(result["left_out"].values()):
            names.append("left_out")
        if result["approximate"]:
            names.insert(0, "approximate")
        return [self.say(words.NOTES[name]).format(**data) for name in names]


def _verdict(change: dict[str, float]) -> Text:
    if abs(change["value"]) <= change["half"]:
        return words.SAME
    return words.EARLIER if change["value"] < 0 else words.LATER
