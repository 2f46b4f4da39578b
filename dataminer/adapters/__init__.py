"""The ports, filled in with real technology. Imports ports and domain, and one library each."""
