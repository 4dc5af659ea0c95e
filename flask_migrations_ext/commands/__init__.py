"""The use cases: each returns what it found or did, and never prints or exits."""
