"""What ``upgrade`` and ``downgrade`` would do, told without doing it."""
