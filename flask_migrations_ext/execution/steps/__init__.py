"""One revision to run: what it is, and what is said when it fails."""
