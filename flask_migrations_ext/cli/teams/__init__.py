"""Commands for several people who work on one history."""
