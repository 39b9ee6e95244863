"""What may go wrong with stations and hospitals."""

from brigada.errors import Conflict


class StationNameTaken(Conflict):
    code = "station_name_taken"
    ru, en = "Подстанция с таким названием уже есть.", "There is a station of this name already."


class HospitalNameTaken(Conflict):
    code = "hospital_name_taken"
    ru, en = "Стационар с таким названием уже есть.", "There is a hospital of this name already."


class StationInUse(Conflict):
    code = "station_in_use"
    ru = "На подстанции числятся бригады на смене: сначала переведите их."
    en = "Living teams belong to this station: move them first."


CONFLICTS = {"uq_stations_name": StationNameTaken, "uq_hospitals_name": HospitalNameTaken}
