"""Jirong 集融: finances an SME industrial cluster as a cluster. The rooms are mapped in ``docs/house.md``."""

__version__ = "0.1.0"
