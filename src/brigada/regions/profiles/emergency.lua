-- An ambulance on its way to a patient: OSRM's own car profile with the service's rules laid over it.
-- `service_rules` is written at import from the settings of the service; every field is explained there
-- (brigada/regions/rules.py).

api_version = 4

local car = require('car')
local rules = require('service_rules')

local function allow(profile, values)
  for _, value in ipairs(values) do
    profile.access_tag_blacklist[value] = nil
    profile.restricted_access_tag_list[value] = nil
    profile.access_tag_whitelist[value] = true
  end
end

function setup()
  local profile = car.setup()
  -- The quickest way, without a dislike of small or restricted roads.
  profile.properties.weight_name = 'duration'
  profile.properties.use_turn_restrictions = rules.keep_turn_restrictions
  -- A tag made for such cars decides before all others: emergency=yes, emergency=no.
  profile.access_tags_hierarchy = Sequence { 'emergency', 'motorcar', 'motor_vehicle', 'vehicle', 'access' }
  allow(profile, { 'emergency', 'emergency_vehicle', 'destination', 'delivery', 'customers' })
  profile.service_tag_forbidden['emergency_access'] = nil
  if rules.bus_lanes then
    allow(profile, { 'psv', 'bus', 'minibus', 'taxi', 'share_taxi' })
  end
  if rules.private_roads then
    allow(profile, { 'private', 'permit', 'residents', 'official' })
    profile.service_access_tag_blacklist['private'] = nil
  end
  if rules.pedestrian_streets then
    profile.speeds.highway.pedestrian = rules.pedestrian_kmh
  end
  if rules.against_oneway then
    profile.oneway_handling = 'specific'
  end
  for barrier, seconds in pairs(rules.barrier_seconds) do
    profile.barrier_penalties[barrier] = seconds
  end
  profile.vehicle_height = rules.height_m
  profile.vehicle_width = rules.width_m
  profile.vehicle_weight = rules.weight_kg
  profile.properties.u_turn_penalty = rules.u_turn_seconds
  return profile
end

local function faster(speed)
  if speed <= 0 then
    return speed
  end
  return math.max(speed, math.min(speed * rules.speed_factor, rules.top_kmh))
end

function process_way(profile, way, result, relations)
  car.process_way(profile, way, result, relations)
  result.forward_speed = faster(result.forward_speed)
  result.backward_speed = faster(result.backward_speed)
end

function process_turn(profile, turn)
  car.process_turn(profile, turn)
  if not turn.is_u_turn then
    turn.duration = turn.duration * rules.turn_factor
  end
  turn.weight = turn.duration
end

return {
  setup = setup,
  process_way = process_way,
  process_node = car.process_node,
  process_turn = process_turn
}
