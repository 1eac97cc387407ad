"""What is not believed yet, and what is left alone: held, told and recorded until it is settled."""
