"""Doing it: run operations and revisions against a database or into SQL text."""
