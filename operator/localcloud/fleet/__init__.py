"""The fleet of the local cloud: fleetd's API, its engine and its agents, as one pure model."""
