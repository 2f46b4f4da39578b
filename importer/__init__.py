"""A script becomes a method version. Imports the domain and the ports; never runs a script."""
