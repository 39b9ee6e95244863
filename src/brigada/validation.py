"""What is wrong with an input, in the caller's words; never the input itself."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from fastapi.exceptions import RequestValidationError

from brigada.edge import json_response
from brigada.errors import MEDIA_TYPE, BadRequest, Invalid, Language

MOST_ERRORS = 20
"""A body of a thousand wrong fields gets a short answer all the same."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("Обязательное поле.", "This field is required."),
    "extra_forbidden": ("Неизвестное поле.", "Unknown field."),
    "string_type": ("Ожидается строка.", "A string is expected."),
    "string_unicode": ("Недопустимые символы.", "Characters that can't be stored."),
    "string_too_short": ("Слишком коротко: не меньше {min_length}.", "Too short: at least {min_length}."),
    "string_too_long": ("Слишком длинно: не больше {max_length}.", "Too long: at most {max_length}."),
    "string_pattern_mismatch": ("Недопустимый вид.", "Not of the expected form."),
    "int_type": ("Ожидается целое число.", "A whole number is expected."),
    "int_parsing": ("Ожидается целое число.", "A whole number is expected."),
    "int_parsing_size": ("Слишком большое число.", "The number is too large."),
    "int_from_float": ("Ожидается целое число.", "A whole number is expected."),
    "float_type": ("Ожидается число.", "A number is expected."),
    "float_parsing": ("Ожидается число.", "A number is expected."),
    "finite_number": ("Ожидается конечное число.", "A finite number is expected."),
    "bool_type": ("Ожидается true или false.", "true or false is expected."),
    "bool_parsing": ("Ожидается true или false.", "true or false is expected."),
    "greater_than_equal": ("Не меньше {ge}.", "At least {ge}."),
    "less_than_equal": ("Не больше {le}.", "At most {le}."),
    "greater_than": ("Больше {gt}.", "More than {gt}."),
    "less_than": ("Меньше {lt}.", "Less than {lt}."),
    "literal_error": ("Одно из: {expected}.", "One of: {expected}."),
    "enum": ("Одно из: {expected}.", "One of: {expected}."),
    "list_type": ("Ожидается список.", "A list is expected."),
    "too_short": ("Слишком мало значений: не меньше {min_length}.", "Too few items: at least {min_length}."),
    "too_long": ("Слишком много значений: не больше {max_length}.", "Too many items: at most {max_length}."),
    "dict_type": ("Ожидается объект.", "An object is expected."),
    "model_type": ("Ожидается объект.", "An object is expected."),
    "model_attributes_type": ("Ожидается объект.", "An object is expected."),
    "datetime_type": ("Ожидается время ISO 8601.", "A time in ISO 8601 is expected."),
    "datetime_parsing": ("Ожидается время ISO 8601.", "A time in ISO 8601 is expected."),
    "datetime_from_date_parsing": ("Ожидается время ISO 8601.", "A time in ISO 8601 is expected."),
    "timezone_aware": ("Укажите часовой пояс.", "Give the time's offset from UTC."),
    "uuid_parsing": ("Ожидается UUID.", "A UUID is expected."),
    "json_invalid": ("Это не JSON.", "This is not JSON."),
}
_OWN: Mapping[str, tuple[str, str]] = {
    "text must not hold a null character": ("Текст с нулевым символом.", "Text with a null character."),
    "the time is out of range": ("Время вне допустимых пределов.", "The time is out of range."),
    "a Russian number plate such as А123ВС178 is expected": (
        "Ожидается российский номер, например А123ВС178.",
        "A Russian number plate such as А123ВС178 is expected.",
    ),
    "a worker is named twice": ("Сотрудник указан дважды.", "A worker is named twice."),
    "the reason `other` needs a comment": (
        "Для причины «другое» нужен комментарий.",
        "The reason `other` needs a comment.",
    ),
}
_ELSE = ("Недопустимое значение.", "Not a valid value.")


def invalid_input(error: RequestValidationError, language: Language) -> Response:
    """Return 422 with each wrong place, or 400 when the body could not be read at all."""
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        problem: Any = BadRequest()
    else:
        problem = Invalid()
    errors = [
        {
            "loc": [_short(part) for part in item["loc"]],
            "code": item["type"],
            "message": _message(item, language),
        }
        for item in found[:MOST_ERRORS]
    ]
    response = json_response({**problem.body(language), "errors": errors}, problem.status)
    response.headers["content-type"] = MEDIA_TYPE
    return response


def _short(part: str | int) -> str | int:
    """Return one part of a place; a key that the caller made up is cut and stripped of what JSON can't hold."""
    if isinstance(part, int):
        return part
    return part[:60].encode("utf-8", "replace").decode()


def _message(item: Mapping[str, Any], language: Language) -> str:
    index = 0 if language == "ru" else 1
    if item["type"] == "value_error":
        own = _OWN.get(str(item.get("ctx", {}).get("error", "")))
        return (own or _ELSE)[index]
    template = _WORDS.get(item["type"], _ELSE)[index]
    try:
        return template.format_map(item.get("ctx", {}))
    except KeyError:
        return _ELSE[index]
