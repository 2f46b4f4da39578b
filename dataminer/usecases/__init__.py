"""What the engine does, one verb a module. Imports ports and domain, nothing else."""
