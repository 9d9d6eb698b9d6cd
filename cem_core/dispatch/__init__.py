"""From plan, reading and limits to setpoints."""
