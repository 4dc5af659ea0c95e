"""Questions and their answers, as they are typed."""
