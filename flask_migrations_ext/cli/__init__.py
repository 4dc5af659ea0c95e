"""``flask db …``: parse, call a command, print what it returns. Decides nothing."""
