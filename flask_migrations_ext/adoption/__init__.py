"""What a folder of another tool is, and turning it into ours and back."""
