"""Scratch databases: made beside the one of an app, copied, and dropped again."""
