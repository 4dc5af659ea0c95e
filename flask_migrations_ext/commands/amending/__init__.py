"""Writing the newest revision again, as long as nobody else has it."""
