"""What a database looks like, as frozen values. Knows no revisions."""
