"""Data as a table of numbers with an outcome, and the two public data sets it is tried on.

``values`` are floats with NaN for absent; ``outcome`` is 1 for a default; ``period`` the year of approval where there
is one (training and testing split on it); ``groups`` the classes fairness looks at. Nothing of these files ships with
the project: they are looked for in the shared data folder beside the repository, or in a folder given.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BESIDE = Path(__file__).resolve().parents[4].parent / "shared" / "data"
"""The shared data folder beside the repository."""
POLISH, SBA = "polish/1year.arff", "sba/sba_fy_to_2004.csv"


@dataclass(frozen=True)
class Table:
    """``words`` are categorical columns (industry, state), ``groups`` what fairness is looked at by."""

    name: str
    features: tuple[str, ...]
    values: Floats
    outcome: Ints
    period: Ints | None = None
    words: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    groups: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.outcome)

    def column(self, name: str) -> Floats:
        found: Floats = self.values[:, self.features.index(name)]
        return found

    def take(self, rows: NDArray[Any]) -> Table:
        """Some rows, by place or by mask."""
        return replace(
            self,
            values=self.values[rows],
            outcome=self.outcome[rows],
            period=None if self.period is None else self.period[rows],
            words={name: column[rows] for name, column in self.words.items()},
            groups={name: column[rows] for name, column in self.groups.items()},
        )

    def without(self, *names: str) -> Table:
        """The table less some features."""
        kept = [place for place, name in enumerate(self.features) if name not in names]
        return replace(self, features=tuple(self.features[place] for place in kept), values=self.values[:, kept])

    def with_columns(self, names: Sequence[str], columns: Floats) -> Table:
        return replace(self, features=(*self.features, *names), values=np.hstack([self.values, columns]))


def data_file(name: str, folder: Path | None = None) -> Path:
    """Where a data file lies; :class:`NotFound` with what to do where it does not."""
    path = (folder or BESIDE) / name
    if not path.is_file():
        raise NotFound(
            "models.no_data",
            Text(f"找不到数据文件 {name}", f"The data file {name} is not there"),
            remedy=Text("请用 --data 指明数据文件夹", "Name the data folder with --data"),
            where=name,
        )
    return path


def polish(path: Path) -> Table:
    """Polish companies a year before bankruptcy or not: 64 ratios ``X1``…``X64`` (UCI, CC BY 4.0). No dates."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "@"]
    rows = np.array([[_number(cell) for cell in line.split(",")] for line in lines])
    names = tuple(f"X{place}" for place in range(1, rows.shape[1]))
    size = np.where(rows[:, 28] < np.nanmedian(rows[:, 28]), "smaller half by assets", "larger half by assets")
    return Table("polish", names, rows[:, :-1], rows[:, -1].astype(np.int64), groups={"size": size})


SBA_AFTER = ("ChgOffDate", "ChgOffPrinGr", "DisbursementDate", "DisbursementGross", "MIS_Status")
"""Columns that are filled after approval, by their description; never offered to a model."""


def sba(path: Path) -> Table:
    """US small-business loans with a known end, by fiscal year of approval. ``Term`` is still in it: see the alarm."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["MIS_Status"] in ("P I F", "CHGOFF")]
    features = {name: np.array([reader(row) for row in rows], dtype=np.float64) for name, reader in _SBA.items()}
    words = {name: np.array([reader(row) for row in rows]) for name, reader in _SBA_WORDS.items()}
    return Table(
        "sba",
        tuple(features),
        np.column_stack(list(features.values())),
        np.array([row["MIS_Status"] == "CHGOFF" for row in rows], dtype=np.int64),
        np.array([int(row["ApprovalFY"][:4]) for row in rows], dtype=np.int64),
        words,
        _sba_groups(features, words),
    )


def _sba_groups(features: Mapping[str, Floats], words: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    staff = features["staff"]
    return {
        "size": np.select([staff < 5, staff < 20], ["under 5 staff", "5 to 19 staff"], "20 staff or more"),
        "region": np.array([_REGION.get(state, "elsewhere") for state in words["state"]]),
        "age": np.where(features["new_firm"] == 1, "new firm", "existing firm"),
        "sector": np.array([_SECTOR.get(code[:2], "other or unstated") for code in words["industry_3"]]),
    }


def _number(cell: str) -> float:
    """A cell as a number; empty and ``?`` are absent; currency marks are dropped."""
    cell = cell.strip().replace("$", "").replace(",", "")
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _ratio(of: str, to: str) -> Any:
    def read(row: Mapping[str, str]) -> float:
        whole = _number(row[to])
        return _number(row[of]) / whole if whole > 0 else float("nan")

    return read


def _coded(name: str, codes: Mapping[str, float]) -> Any:
    return lambda row: codes.get(row[name].strip(), float("nan"))


_SBA: dict[str, Any] = {
    "Term": lambda row: _number(row["Term"]),
    "amount": lambda row: _number(row["GrAppv"]),
    "staff": lambda row: _number(row["NoEmp"]),
    "amount_per_head": _ratio("GrAppv", "NoEmp"),
    "guaranteed_share": _ratio("SBA_Appv", "GrAppv"),
    "jobs_created": lambda row: _number(row["CreateJob"]),
    "jobs_kept": lambda row: _number(row["RetainedJob"]),
    "new_firm": _coded("NewExist", {"1": 0.0, "2": 1.0}),
    "urban": _coded("UrbanRural", {"1": 1.0, "2": 0.0}),
    "revolving": _coded("RevLineCr", {"Y": 1.0, "N": 0.0}),
    "low_doc": _coded("LowDoc", {"Y": 1.0, "N": 0.0}),
    "franchise": lambda row: float(row["FranchiseCode"] not in ("0", "1")),
    "bank_in_state": lambda row: float(row["State"] == row["BankState"]),
}
_SBA_WORDS: dict[str, Any] = {
    "industry_2": lambda row: row["NAICS"][:2],
    "industry_3": lambda row: row["NAICS"][:3],
    "industry_4": lambda row: row["NAICS"][:4],
    "state": lambda row: row["State"],
    "zip_3": lambda row: row["Zip"].zfill(5)[:3],
    "city": lambda row: row["City"],
    "bank": lambda row: row["Bank"],
    "bank_state": lambda row: row["BankState"],
}
_REGIONS = {
    "Northeast": "CT ME MA NH RI VT NJ NY PA",
    "Midwest": "IL IN MI OH WI IA KS MN MO NE ND SD",
    "South": "DE FL GA MD NC SC VA DC WV AL KY MS TN AR LA OK TX",
    "West": "AZ CO ID MT NV NM UT WY AK CA HI OR WA",
}
_REGION = {state: region for region, states in _REGIONS.items() for state in states.split()}
"""The four regions of the US Census Bureau."""
_SECTORS = {
    "construction": "23", "manufacturing": "31 32 33", "trade": "42 44 45", "transport": "48 49",
    "food and lodging": "72", "services": "51 52 53 54 55 56 61 62 71 81",
}  # fmt: skip
_SECTOR = {code: sector for sector, codes in _SECTORS.items() for code in codes.split()}
"""NAICS sectors, gathered."""
