"""The parts of the model: what exists in the project, and what happens to it."""
