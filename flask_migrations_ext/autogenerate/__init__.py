"""From a difference between models and database to the text of a script."""
