"""Business errors: classes with a status, a stable code, words in both languages and named data (RFC 9457).

422 is for malformed input only, 500 for bugs only. A Problem that means "the world has changed" (409) carries the
present state, so that the screen can show what changed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 -- a refusal is not an error of the program
    """A refusal that the caller can understand and act upon.

    Attributes:
        status: the HTTP status.
        code: a stable machine word; clients branch on it.
        ru, en: message templates, filled from the named data.
        data: values that the caller may use, sent beside the message; never an echo of unchecked input.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    ru: ClassVar[str] = "Внутренняя ошибка."
    en: ClassVar[str] = "Internal error."

    def __init__(self, *, headers: Mapping[str, str] | None = None, **data: Any) -> None:  # noqa: ANN401 -- JSON values
        super().__init__(self.code)
        self.data = data
        self.headers = dict(headers or {})

    def detail(self, language: Language) -> str:
        """Return the sentence for people."""
        template = self.ru if language == "ru" else self.en
        return template.format_map(self.data)

    def body(self, language: Language) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"urn:brigada:problem:{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "code": self.code,
            "detail": self.detail(language),
            **self.data,
        }


class BadRequest(Problem):
    status, code = 400, "bad_request"
    ru, en = "Запрос не удалось прочитать.", "The request could not be read."


class NotSignedIn(Problem):
    status, code = 401, "not_signed_in"
    ru, en = "Войдите в систему.", "Sign in first."


class Forbidden(Problem):
    status, code = 403, "forbidden"
    ru, en = "Недостаточно прав для этого действия.", "You are not allowed to do this."


class NotFound(Problem):
    status, code = 404, "not_found"
    ru, en = "Не найдено.", "Not found."


class MethodNotAllowed(Problem):
    status, code = 405, "method_not_allowed"
    ru, en = "Этот метод здесь не поддерживается.", "This method is not supported here."


class Conflict(Problem):
    """The general case; areas have their own, more telling ones."""

    status, code = 409, "conflict"
    ru, en = "Данные изменились, повторите действие.", "The data has changed, try again."


class Outdated(Conflict):
    """The caller decided on an older picture; `present` is the state of now."""

    code = "outdated"
    ru = "Данные устарели: с тех пор их изменили. Показано текущее состояние."
    en = "The data is outdated: it was changed meanwhile. The present state is attached."


class PayloadTooLarge(Problem):
    status, code = 413, "payload_too_large"
    ru, en = "Слишком большой запрос.", "The request is too large."


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported_media_type"
    ru, en = "Ожидается JSON.", "JSON is expected."


class Invalid(Problem):
    """Malformed input; `errors` lists each place and what is wrong there, never the value itself."""

    status, code = 422, "invalid"
    ru, en = "Проверьте введённые данные.", "Check the data that you entered."

    @classmethod
    def field(cls, *place: str | int, code: str, ru: str, en: str) -> "InvalidField":
        """Return the error of one field that a service, not a schema, found wrong."""
        return InvalidField(list(place), code, ru, en)


class InvalidField(Invalid):
    """One field, with a message of its own in each language."""

    def __init__(self, place: list[str | int], code: str, ru: str, en: str) -> None:
        super().__init__()
        self._place, self._code, self._texts = place, code, {"ru": ru, "en": en}

    def body(self, language: Language) -> dict[str, Any]:
        error = {"loc": self._place, "code": self._code, "message": self._texts[language]}
        return {**super().body(language), "errors": [error]}


class TooManyRequests(Problem):
    status, code = 429, "too_many_requests"
    ru = "Слишком много попыток. Повторите через {retry_after} с."
    en = "Too many attempts. Try again in {retry_after} s."

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, retry_after=retry_after)


class Unavailable(Problem):
    """Something that we depend on is away; what was asked was not done."""

    status, code = 503, "unavailable"
    ru = "Сервис временно недоступен. Ничего не изменено, повторите через {retry_after} с."
    en = "The service is unavailable for a moment. Nothing was changed, try again in {retry_after} s."

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, retry_after=retry_after)


class OutcomeUnknown(Unavailable):
    """The connection to the database broke while the change was being made final: it may stand or not."""

    code = "outcome_unknown"
    ru = "Связь с базой данных прервалась при сохранении. Проверьте, сохранено ли, или повторите с тем же ключом."
    en = "The database went away during the commit. See whether it was stored, or repeat with the same key."


def pick_language(accept_language: str | None, default: Language = "ru") -> Language:
    """Return the supported language that the `Accept-Language` header prefers; Russian when it says nothing."""
    best, best_weight = default, 0.0
    for part in (accept_language or "").split(","):
        tag, _, params = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        if primary not in LANGUAGES:
            continue
        try:
            weight = float(params.strip().removeprefix("q=")) if params.strip().startswith("q=") else 1.0
        except ValueError:
            weight = 0.0
        if weight > best_weight:
            best, best_weight = "ru" if primary == "ru" else "en", weight
    return best
