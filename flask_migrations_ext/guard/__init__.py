"""What a running app does about its migrations, beside what a person types."""
