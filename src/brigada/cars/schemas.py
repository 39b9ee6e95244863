"""Shapes of cars."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from brigada.kit.text import plate_letters
from brigada.schema import BodyId, Line, Schema, Version, View, example

PLATE = re.compile(r"[АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2}\d{2,3}")
"""GOST R 50577: letter, three digits, two letters, code of the region; only letters that Latin has too."""


def _plate(text: str) -> str:
    plate = plate_letters(text)
    if not PLATE.fullmatch(plate):
        message = "a Russian number plate such as А123ВС178 is expected"
        raise ValueError(message)
    return plate


Plate = Annotated[str, StringConstraints(max_length=20), AfterValidator(_plate)]
CarClass = Literal["A", "B", "C"]
Serviceability = Literal["in_service", "broken", "maintenance"]


class CarIn(Schema):
    """A new car."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": "А123ВС178", "class": "B", "model": "ГАЗель Next"}]}
    )

    number: Plate
    """Plate, typed in either alphabet, with or without spaces."""
    car_class: Annotated[CarClass, Field(alias="class")]
    """GOST 33665: A transport, B first aid, C intensive care."""
    model: Line(100, min_length=1)  # type: ignore[valid-type]
    serviceability: Serviceability = "in_service"
    serviceable: bool | None = None
    """Short form: true is `in_service`, false is `broken`."""
    station_id: BodyId | None = None

    @model_validator(mode="after")
    def _short_form(self) -> "CarIn":
        if self.serviceable is not None and "serviceability" not in self.model_fields_set:
            self.serviceability = "in_service" if self.serviceable else "broken"
        return self


class CarPatch(Schema):
    """Fields to change; what is absent stays."""

    model_config = example({"serviceable": False})

    number: Plate | None = None
    car_class: Annotated[CarClass | None, Field(alias="class")] = None
    model: Line(100, min_length=1) | None = None  # type: ignore[valid-type]
    serviceability: Serviceability | None = None
    serviceable: bool | None = None
    station_id: BodyId | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _short_form(self) -> "CarPatch":
        if self.serviceable is not None and self.serviceability is None:
            self.serviceability = "in_service" if self.serviceable else "broken"
        return self


class CarOut(View):
    """A car."""

    id: int
    number: str
    car_class: Annotated[CarClass, Field(alias="class")]
    model: str
    serviceability: Serviceability
    serviceable: bool
    station_id: int | None
    free: bool
    """Serviceable and on no living team."""
    team_id: int | None
    version: int


class CarList(View):
    items: list[CarOut]
    next_cursor: str | None
