"""What existing folders need to run: `op`, `context`, and the settings they read."""
