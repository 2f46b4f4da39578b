"""Where scripts run. Imports the domain, the ports and the engine; no door and no database."""
