"""Shapes of stations and hospitals."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from brigada.schema import Line, PointIn, PointOut, Schema, Version, View, example

Phone = Annotated[str, StringConstraints(max_length=32, pattern=r"^[0-9+() -]*$")]
HospitalProfile = Literal[
    "general", "cardiology", "neurology", "trauma", "surgery", "burns", "paediatric", "obstetric",
    "infectious", "psychiatric", "toxicology",
]  # fmt: skip


class StationIn(Schema):
    """A new station."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Подстанция № 3", "location": {"lat": 59.93, "lon": 30.31}}]}
    )

    name: Line(200, min_length=1)  # type: ignore[valid-type]
    location: PointIn
    address: Line(300) = ""  # type: ignore[valid-type]
    phone: Phone = ""


class StationPatch(Schema):
    """Fields to change; what is absent stays."""

    model_config = example({"phone": "+7 812 000-00-00"})

    name: Line(200, min_length=1) | None = None  # type: ignore[valid-type]
    location: PointIn | None = None
    address: Line(300) | None = None  # type: ignore[valid-type]
    phone: Phone | None = None
    version: Version | None = None


class HospitalIn(StationIn):
    """A new hospital."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Городская больница № 2",
                    "location": {"lat": 59.95, "lon": 30.35},
                    "profiles": ["general", "cardiology"],
                }
            ]
        }
    )

    profiles: Annotated[list[HospitalProfile], Field(max_length=11, default_factory=list)]
    accepting: bool = True


class HospitalPatch(StationPatch):
    """Fields to change; what is absent stays."""

    model_config = example({"accepting": False})

    profiles: Annotated[list[HospitalProfile], Field(max_length=11)] | None = None
    accepting: bool | None = None


class StationOut(View):
    """A place where teams wait."""

    id: int
    name: str
    location: PointOut
    address: str
    phone: str
    version: int


class HospitalOut(StationOut):
    """A destination."""

    profiles: list[str]
    accepting: bool
    """Takes patients now."""


class StationList(View):
    items: list[StationOut]
    next_cursor: str | None


class HospitalList(View):
    items: list[HospitalOut]
    next_cursor: str | None
