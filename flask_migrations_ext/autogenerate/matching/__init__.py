"""Which things of a database are which of the models, under other names."""
