"""One small contract of each type, to look at and to begin from; the figures are invented.

Each is a document as :mod:`.documents` reads it, in terms of an industrial cluster: a bank lends to a firm, a finance
company guarantees, a mill buys cotton forward.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_FROM = {"statusDate": "2026-01-01", "currency": "CNY"}
_LOAN = {
    **_FROM,
    "contractRole": "RPA",
    "initialExchangeDate": "2026-01-15",
    "notionalPrincipal": "1000000",
    "nominalInterestRate": "0.045",
    "dayCountConvention": "A360",
}
_QUARTERLY = {"cycleAnchorDateOfInterestPayment": "2026-04-15", "cycleOfInterestPayment": "P3ML1"}
_REPAID = {"cycleAnchorDateOfPrincipalRedemption": "2026-04-15", "cycleOfPrincipalRedemption": "P3ML1"}
_RESET = {
    "cycleAnchorDateOfRateReset": "2027-01-15",
    "cycleOfRateReset": "P1YL1",
    "marketObjectCodeOfRateReset": "LPR-1Y",
    "rateSpread": "0.015",
}


def _leg(role: str, **terms: str) -> dict[str, Any]:
    body = {"contractType": "PAM", **_LOAN, "maturityDate": "2027-01-15", **_QUARTERLY, **terms}
    return {"object": body, "referenceType": "CNT", "referenceRole": role}


def _market(code: str) -> list[dict[str, Any]]:
    return [{"object": {"marketObjectCode": code}, "referenceType": "MOC", "referenceRole": "UDL"}]


_OPTION = {
    **_FROM,
    "contractRole": "BUY",
    "purchaseDate": "2026-01-05",
    "priceAtPurchaseDate": "12000",
    "maturityDate": "2026-06-30",
    "settlementPeriod": "P2D",
    "contractStructure": _market("COTTON"),
}
_COTTON = {"COTTON": {"2026-06-30": "15800"}}
_DEFAULT = [
    {"time": "2026-08-01", "type": "CE", "contractId": "loan-1", "states": {"contractPerformance": "DF"}},
]
_COVERED = _leg("COVE", contractID="loan-1")

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "PAM": {"terms": {"contractType": "PAM", **_LOAN, "maturityDate": "2027-01-15", **_QUARTERLY}},
    "LAM": {
        "terms": {
            "contractType": "LAM", **_LOAN, "maturityDate": "2027-01-15", **_QUARTERLY, **_REPAID,
            "nextPrincipalRedemptionPayment": "250000",
        }
    },
    "NAM": {
        "terms": {
            "contractType": "NAM", **_LOAN, "maturityDate": "2027-01-15", **_QUARTERLY, **_REPAID,
            "nextPrincipalRedemptionPayment": "8000",
        }
    },
    "ANN": {
        "terms": {
            "contractType": "ANN", **_LOAN, "maturityDate": "2028-01-15", **_QUARTERLY, **_REPAID, **_RESET,
        },
        "dataObserved": {"LPR-1Y": {"2027-01-15": "0.029"}},
    },
    "LAX": {
        "terms": {
            "contractType": "LAX", **_LOAN, "maturityDate": "2027-01-15", **_QUARTERLY,
            "arrayCycleAnchorDateOfPrincipalRedemption": ["2026-04-15", "2026-10-15"],
            "arrayCycleOfPrincipalRedemption": ["P3ML1", "P1ML1"],
            "arrayNextPrincipalRedemptionPayment": ["200000", "100000"],
            "arrayIncreaseDecrease": ["INC", "DEC"],
        }
    },
    "CLM": {
        "terms": {"contractType": "CLM", **_LOAN, "xDayNotice": "P7D", **_QUARTERLY},
        "eventsObserved": [{"time": "2026-09-01", "type": "XD", "value": "0"}],
        "to": "2026-12-31",
    },
    "UMP": {
        "terms": {
            "contractType": "UMP", **_LOAN, "contractRole": "RPL", "nominalInterestRate": "0.0035", **_QUARTERLY,
        },
        "eventsObserved": [
            {"time": "2026-03-01", "type": "PI", "value": "200000"},
            {"time": "2026-07-01", "type": "PR", "value": "500000"},
        ],
        "to": "2026-12-31",
    },
    "CSH": {
        "terms": {"contractType": "CSH", **_FROM, "contractRole": "RPA", "notionalPrincipal": "50000"},
        "eventsObserved": [{"time": "2026-06-30", "type": "AD"}],
        "to": "2026-12-31",
    },
    "STK": {
        "terms": {
            "contractType": "STK", **_FROM, "contractRole": "RPA", "quantity": "10000",
            "purchaseDate": "2026-01-10", "priceAtPurchaseDate": "500000",
            "cycleAnchorDateOfDividend": "2026-06-30", "cycleOfDividend": "P1YL1",
            "marketObjectCodeOfDividends": "DIVIDEND",
            "terminationDate": "2028-01-10", "priceAtTerminationDate": "560000",
        },
        "dataObserved": {"DIVIDEND": {"2026-06-30": "20000", "2027-06-30": "22000"}},
        "to": "2028-12-31",
    },
    "COM": {
        "terms": {
            "contractType": "COM", **_FROM, "contractRole": "BUY", "quantity": "100",
            "purchaseDate": "2026-01-10", "priceAtPurchaseDate": "15000",
            "terminationDate": "2026-09-10", "priceAtTerminationDate": "15600",
        },
        "to": "2026-12-31",
    },
    "FXOUT": {
        "terms": {
            "contractType": "FXOUT", **_FROM, "contractRole": "RPA", "maturityDate": "2026-07-01",
            "notionalPrincipal": "700000", "currency2": "USD", "notionalPrincipal2": "100000",
        }
    },
    "OPTNS": {
        "terms": {
            "contractType": "OPTNS", **_OPTION, "optionType": "C", "optionStrike1": "15000",
            "optionExerciseType": "E",
        },
        "dataObserved": _COTTON,
    },
    "FUTUR": {"terms": {"contractType": "FUTUR", **_OPTION, "futuresPrice": "15000"}, "dataObserved": _COTTON},
    "SWPPV": {
        "terms": {
            "contractType": "SWPPV", **_LOAN, "contractRole": "RFL", "maturityDate": "2027-01-15",
            "nominalInterestRate2": "0.044", **_QUARTERLY, "cycleAnchorDateOfRateReset": "2026-04-15",
            "cycleOfRateReset": "P3ML1", "marketObjectCodeOfRateReset": "LPR-1Y", "rateSpread": "0.012",
            "deliverySettlement": "D",
        },
        "dataObserved": {"LPR-1Y": {"2026-04-15": "0.03", "2026-07-15": "0.03", "2026-10-15": "0.029"}},
    },
    "SWAPS": {
        "terms": {
            "contractType": "SWAPS", **_FROM, "contractRole": "RFL", "deliverySettlement": "S",
            "contractStructure": [_leg("FIL", contractID="leg-1"), _leg("SEL", contractID="leg-2",
                                                                        nominalInterestRate="0.048")],
        }
    },
    "CAPFL": {
        "terms": {
            "contractType": "CAPFL", **_FROM, "contractRole": "BUY", "lifeCap": "0.05",
            "contractStructure": [_leg("UDL", contractID="loan-1", cycleAnchorDateOfRateReset="2026-04-15",
                                       cycleOfRateReset="P3ML1", marketObjectCodeOfRateReset="LPR-1Y",
                                       rateSpread="0.02")],
        },
        "dataObserved": {"LPR-1Y": {"2026-04-15": "0.03", "2026-07-15": "0.035", "2026-10-15": "0.036"}},
    },
    "CEG": {
        "terms": {
            "contractType": "CEG", **_FROM, "contractRole": "BUY", "maturityDate": "2027-01-15",
            "coverageOfCreditEnhancement": "0.8", "creditEventTypeCovered": "DF", "settlementPeriod": "P30D",
            "purchaseDate": "2026-01-15", "priceAtPurchaseDate": "10000", "contractStructure": [_COVERED],
        },
        "eventsObserved": _DEFAULT,
        "to": "2027-01-15",
    },
    "CEC": {
        "terms": {
            "contractType": "CEC", **_FROM, "contractRole": "BUY", "creditEventTypeCovered": "DF",
            "settlementPeriod": "P30D",
            "contractStructure": [
                _COVERED,
                {
                    "object": {
                        "contractType": "COM", **_FROM, "contractID": "stock-1", "contractRole": "RPA",
                        "marketObjectCode": "COTTON", "quantity": "50",
                    },
                    "referenceType": "CNT", "referenceRole": "COVI",
                },
            ],
        },
        "dataObserved": {"COTTON": {"2026-08-01": "15800"}},
        "eventsObserved": _DEFAULT,
        "to": "2027-01-15",
    },
}  # fmt: skip


def text(kind: str) -> str:
    """The example as it would be pasted; KeyError for a type there is not."""
    return json.dumps(EXAMPLES[kind], ensure_ascii=False, indent=2)
