"""Door: the pages and the engine's own JSON API. May import the engine and Flask."""
