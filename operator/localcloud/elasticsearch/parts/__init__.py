"""The parts of the model: the nodes, who belongs to whom, their shards, and what they keep."""
