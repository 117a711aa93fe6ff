"""Where facts come from by themselves: a connector gives pages of rows from where the last pull stopped.

``jirong facts pull --connector NAME`` runs one now; a scheduler runs it at its hours. A page is stored by the same
action as a push, together with where it ended, so a pull killed at any moment goes on from the last stored page and
nothing is taken twice. Whose connector it is says whose facts they are, and the rule of sources holds.
"""

from jirong.facts.connectors.base import CONNECTORS, Connector, Page, register
from jirong.facts.connectors.folder import FolderConnector
from jirong.facts.connectors.http import HttpConnector

__all__ = ["CONNECTORS", "Connector", "FolderConnector", "HttpConnector", "Page", "register"]
