"""What may go wrong with an assignment."""

from brigada.errors import Conflict


class AssignmentEnded(Conflict):
    code = "assignment_ended"
    ru = "Назначение уже завершено, показано его текущее состояние."
    en = "The assignment has ended already; its present state is attached."


class StepOutOfOrder(Conflict):
    code = "step_out_of_order"
    ru = "Этот этап уже позади или не по порядку."
    en = "This step lies behind already, or breaks the order."


class StepMissing(Conflict):
    code = "step_missing"
    ru = "Этого этапа ещё не было, исправлять нечего."
    en = "This step has not happened, there is nothing to correct."


class PatientReached(Conflict):
    code = "patient_reached"
    ru = "Бригада уже у пациента: отказаться или перенаправить её нельзя."
    en = "The team is with the patient already: it can't decline or be diverted."
