"""The history of an app, played on scratch databases, which are looked at."""
