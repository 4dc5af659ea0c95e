"""What can change in a database: one frozen value per verb."""
