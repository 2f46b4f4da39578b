"""The bundled methods, a folder each: script, description, example; imports nothing of ours."""
