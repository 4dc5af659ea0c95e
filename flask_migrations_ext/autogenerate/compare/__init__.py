"""What differs between models and a database, as operations."""
