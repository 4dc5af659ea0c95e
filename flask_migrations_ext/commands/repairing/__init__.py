"""What is said of a half-applied revision, and by a person who knows better."""
