"""One question a module; each returns typed results that every face shows."""
