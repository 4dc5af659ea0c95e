"""How each kind of database says an operation, reads itself and keeps promises."""
