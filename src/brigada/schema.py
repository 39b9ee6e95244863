"""The base of every schema, and the shapes that several areas share."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from brigada.errors import MEDIA_TYPE, Problem
from brigada.kit.text import squeeze

YEARS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""Times outside this century are a device or a person gone wrong, not data."""


class Schema(BaseModel):
    """Input: unknown fields, NaN, infinities and null characters are refused; nothing is coerced silently."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, populate_by_name=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _no_null_characters(cls, data: Any) -> Any:  # noqa: ANN401 -- raw input
        if isinstance(data, dict) and any(
            isinstance(value, str) and "\x00" in value for value in data.values()
        ):
            message = "text must not hold a null character"
            raise ValueError(message)
        return data


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a schema that shows this value to whoever tries the API by hand."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class View(BaseModel):
    """Output, as documented in OpenAPI; answers are built as plain data of this shape."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


def _in_this_century(at: datetime) -> datetime:
    if not YEARS[0] <= at < YEARS[1]:
        message = "the time is out of range"
        raise ValueError(message)
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_this_century)]
"""A moment with its offset; the service keeps it in UTC."""

BodyId = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version that you saw; an outdated one gets 409.")
]


def Line(max_length: int, *, min_length: int = 0) -> Any:  # noqa: ANN401, N802 -- reads as a type where it is used
    """Return the type of one line of text: white space is squeezed, the length limited."""
    return Annotated[
        str,
        StringConstraints(max_length=max_length * 2),
        AfterValidator(squeeze),
        StringConstraints(min_length=min_length, max_length=max_length),
    ]


class PointIn(Schema):
    """A place, WGS 84 degrees."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lat": 59.93, "lon": 30.31}]})

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class PointOut(View):
    """A place, WGS 84 degrees."""

    lat: float
    lon: float


class FieldError(View):
    """One wrong place of the input."""

    loc: list[str | int]
    code: str
    message: str


class ProblemOut(BaseModel):
    """A refusal (RFC 9457). Clients branch on `code`; `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI declaration of the refusals that an endpoint may answer, one entry for each status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in sorted(kinds, key=lambda k: (k.status, k.code)):
        entry = by_status.setdefault(
            kind.status,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            },
        )
        entry["description"] = (
            entry["description"] + "; " if entry["description"] else ""
        ) + f"`{kind.code}`: {kind.en}"
    return by_status
