"""The parts of the model: the registry, the engine, and what each machine does."""
