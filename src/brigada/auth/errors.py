"""What may go wrong when somebody proves who they are."""

from brigada.errors import Conflict, Forbidden, NotSignedIn


class WrongCredentials(NotSignedIn):
    code = "wrong_credentials"
    ru, en = "Неверный логин или пароль.", "Wrong login or password."


class SessionEnded(NotSignedIn):
    code = "session_ended"
    ru, en = "Сеанс завершён, войдите снова.", "The session has ended, sign in again."


class TokenExpired(NotSignedIn):
    code = "token_expired"
    ru, en = "Срок пропуска истёк, обновите его.", "The access token has expired, refresh it."


class RefreshReused(NotSignedIn):
    code = "refresh_reused"
    ru = "Этот пропуск уже обменяли. Сеанс завершён на всех его копиях, войдите снова."
    en = "This refresh token was used before. Its session is ended everywhere, sign in again."


class AddressChanged(NotSignedIn):
    code = "address_changed"
    ru = "Адрес сети изменился, войдите снова."
    en = "Your network address has changed, sign in again."


class CsrfMissing(Forbidden):
    code = "csrf"
    ru = "Запрос пришёл не со страницы службы (нет верного X-CSRF-TOKEN)."
    en = "The request did not come from the service's page (X-CSRF-TOKEN is missing or wrong)."


class WrongPassword(Forbidden):
    code = "wrong_password"
    ru, en = "Текущий пароль неверен.", "The current password is wrong."


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    ru = "Этот Idempotency-Key уже использован для другого запроса."
    en = "This Idempotency-Key was used for another request."
