"""The heavy libraries of the extra ``models``, imported only when asked for, and refused in words when absent."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text

NEEDED = ("lightgbm", "sklearn", "scipy", "pandas")


def available() -> bool:
    """Whether everything evaluations need can be imported."""
    return all(importlib.util.find_spec(name) is not None for name in NEEDED)


def library(name: str) -> ModuleType:
    """The module ``name``; a refusal that names the extra where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Refusal(
            "models.not_installed",
            Text("训练和评估模型需要安装“models”附加组件", "Training and judging models needs the extra “models”"),
            remedy=Text("请运行 pip install 'jirong[models]'", "Run pip install 'jirong[models]'"),
            where=name.partition(".")[0],
        ) from None
