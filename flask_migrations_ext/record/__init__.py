"""What is remembered of a database beside its version table, where that is wanted."""
