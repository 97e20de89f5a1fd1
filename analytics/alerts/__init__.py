"""Links that start to travel: found in the rollups, told by mail once."""
