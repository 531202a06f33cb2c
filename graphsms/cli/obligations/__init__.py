"""Commands of obligations and evidence."""
