"""What is written to home, and read back: the records and the events of the operator."""
