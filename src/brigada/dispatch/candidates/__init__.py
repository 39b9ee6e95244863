"""Who could go to a call: ranked by road time, with the reasons for the chosen and the passed over."""
