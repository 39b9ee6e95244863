"""What may go wrong with cars."""

from brigada.errors import Conflict


class PlateTaken(Conflict):
    code = "plate_taken"
    ru, en = "Автомобиль с таким номером уже есть.", "There is a car with this plate already."


class CarOnTeam(Conflict):
    code = "car_on_team"
    ru = "Автомобиль в бригаде на смене: сначала завершите её или смените ей автомобиль."
    en = "This car belongs to a living team: end the team or give it another car first."


class CarUnserviceable(Conflict):
    code = "car_unserviceable"
    ru, en = "Автомобиль неисправен.", "The car is not serviceable."


CONFLICTS = {"uq_cars_number": PlateTaken}
