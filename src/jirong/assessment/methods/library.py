"""The methods of the house by ``name@version``, read once from the catalogue.

A document is ``catalogue/methods/<name>@<version>.yaml`` (or ``.json`` where a model was trained); a published version
is never edited, a change is a new file.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jirong.assessment.methods import parse
from jirong.assessment.methods.base import Method
from jirong.assessment.methods.document import malformed
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.schemes.registry import FeatureInfo, MethodInfo

CATALOGUE = Path(__file__).parents[4] / "catalogue" / "methods"


@dataclass(frozen=True, slots=True)
class Library:
    """Methods by ``name@version``."""

    methods: Mapping[str, Method]

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> Library:
        """Read documents by file name; refuses one whose name is not its method's."""
        methods: dict[str, Method] = {}
        for name, text in texts.items():
            method = parse.read(name, text)
            if name.rpartition(".")[0] != method.id:
                raise malformed(name, f"文件名应为 {method.id}", f"the file should be called {method.id}")
            methods[method.id] = method
        return cls(methods)

    def __getitem__(self, pinned: str) -> Method:
        found = self.methods.get(pinned)
        if found is None:
            raise NotFound(
                "method.unknown",
                Text(f"没有评估方法“{pinned}”", f"There is no assessment method “{pinned}”"),
                remedy=Text("请从方法目录中选择，并写明版本", "Choose one of the catalogue, with its version"),
                where="method",
            )
        return found

    def __contains__(self, pinned: object) -> bool:
        return pinned in self.methods

    def __iter__(self) -> Iterator[Method]:
        return iter(self.methods.values())

    def features(self) -> dict[str, FeatureInfo]:
        """Every feature some method reads, with its title and kind."""
        return {name: info for method in self for name, info in method.feature_infos().items()}


@functools.cache
def house_methods() -> Library:
    """The catalogue's methods."""
    paths = sorted(path for path in CATALOGUE.iterdir() if path.suffix in (".yaml", ".json"))
    return Library.parse({path.name: path.read_text(encoding="utf-8") for path in paths})


def registry_methods() -> dict[str, MethodInfo]:
    """What a scheme's check and explanation need to know of them."""
    return {method.id: method.info() for method in house_methods()}
