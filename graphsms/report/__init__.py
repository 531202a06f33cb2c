"""What answers look like: the marks of states, and tables as text, JSON and CSV."""
