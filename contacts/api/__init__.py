"""Customer companies and people, for programs."""
