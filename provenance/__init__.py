"""A computation becomes a PROV document, and a PROV document becomes a recipe again.

May import: prov, lxml, dataminer.ports and dataminer.domain.
"""
