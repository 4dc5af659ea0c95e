"""What only a person can know, as questions, and what was answered."""
