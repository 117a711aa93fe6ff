"""A plausible cluster of any size from a seed, with what is true of it written down.

``shape`` draws who there is and how they fare, ``streams`` what they leave behind as facts, ``columns`` holds facts by
the million, ``write`` makes the files an importer reads, ``load`` copies them into the database. Equal seeds give
equal bytes. The firms are nobody; the numbers are drawn, not taken from anywhere.
"""

from jirong.facts.generate.shape import Cluster, draw
from jirong.facts.generate.streams import facts

__all__ = ["Cluster", "draw", "facts"]
