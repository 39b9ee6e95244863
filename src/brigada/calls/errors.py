"""What may go wrong with calls."""

from brigada.errors import Conflict, Invalid


class CallClosed(Conflict):
    code = "call_closed"
    ru, en = "Вызов уже закрыт.", "The call is closed already."


class CallNotAccepted(Conflict):
    code = "call_not_accepted"
    ru = "На вызов не назначена бригада: завершить его нельзя, можно отклонить с причиной."
    en = "No team is assigned: the call can't be completed, only rejected with a reason."


class CallHasTeam(Conflict):
    """`present` shows which team, who sent it and when."""

    code = "call_has_team"
    ru = "На вызов уже назначена бригада. Чтобы направить ещё одну, укажите это явно."
    en = "The call has a team already. To send another one, say so."


class ExternalIdTaken(Conflict):
    code = "external_id_taken"
    ru, en = (
        "Вызов с этим внешним номером уже принят.",
        "A call of this external number was received already.",
    )


class ReasonTaken(Conflict):
    code = "reason_taken"
    ru, en = "Такой повод уже есть.", "There is such a reason already."


class NormTaken(Conflict):
    code = "norm_taken"
    ru, en = "Такой норматив уже есть.", "There is such a norm already."


class ReasonUnknown(Invalid):
    """The words are not in the dictionary, and no criticality was given: nobody can tell how urgent it is."""

    code = "criticality_needed"
    ru = "Укажите критичность: такого повода в справочнике нет."
    en = "Give the criticality: the dictionary has no such reason."


CONFLICTS = {
    "calls_external_id_key": ExternalIdTaken,
    "uq_calls_external_id": ExternalIdTaken,
    "uq_norms_rule": NormTaken,
    "pk_reasons": ReasonTaken,
    "uq_reasons_title_ru": ReasonTaken,
}
