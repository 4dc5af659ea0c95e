"""What a half-applied revision has done, so that the next run goes on from there."""
