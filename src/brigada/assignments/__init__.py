"""The record of one team sent to one call: states, milestones, reads. What changes it stands in dispatch."""
