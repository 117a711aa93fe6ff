"""The terms the engine reads: their kinds, values, defaults, and which contract type has which.

After the ACTUS data dictionary v1.4 (``actus-dictionary-terms.json`` and ``-applicability.json``). A term is listed
only if a contract function uses it; a term that does not apply to a type is ignored there, as is a name the
dictionary does not have. Names are matched without regard to case, and a few older names are known by their present
ones (:data:`ALIASES`).
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

from jirong.kernel.daycount import DayCount


class Kind(Enum):
    """What a term's value is; a list kind also takes a single value."""

    DATE = "date"
    DATES = "dates"
    NUMBER = "number"
    NUMBERS = "numbers"
    POSITIVE = "positive"  # never negative
    CYCLE = "cycle"
    CYCLES = "cycles"
    PERIOD = "period"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    STRUCTURE = "structure"


_NAMES: dict[Kind, str] = {
    Kind.DATE: """
        statusDate initialExchangeDate maturityDate amortizationDate purchaseDate terminationDate capitalizationEndDate
        cycleAnchorDateOfInterestPayment cycleAnchorDateOfPrincipalRedemption cycleAnchorDateOfRateReset
        cycleAnchorDateOfScalingIndex cycleAnchorDateOfInterestCalculationBase cycleAnchorDateOfFee
        cycleAnchorDateOfOptionality cycleAnchorDateOfDividend optionExerciseEndDate exerciseDate""",
    Kind.DATES: """
        arrayCycleAnchorDateOfInterestPayment arrayCycleAnchorDateOfPrincipalRedemption
        arrayCycleAnchorDateOfRateReset""",
    Kind.NUMBER: """
        nominalInterestRate nominalInterestRate2 accruedInterest premiumDiscountAtIED priceAtPurchaseDate
        priceAtTerminationDate rateSpread rateMultiplier nextResetRate lifeCap lifeFloor periodFloor feeRate
        feeAccrued interestScalingMultiplier notionalScalingMultiplier exerciseAmount marketValueObserved""",
    Kind.NUMBERS: "arrayNextPrincipalRedemptionPayment arrayRate",
    Kind.POSITIVE: """
        notionalPrincipal notionalPrincipal2 nextPrincipalRedemptionPayment interestCalculationBaseAmount quantity
        optionStrike1 optionStrike2 futuresPrice penaltyRate periodCap coverageOfCreditEnhancement
        nextDividendPaymentAmount scalingIndexAtContractDealDate""",
    Kind.CYCLE: """
        cycleOfInterestPayment cycleOfPrincipalRedemption cycleOfRateReset cycleOfScalingIndex
        cycleOfInterestCalculationBase cycleOfFee cycleOfOptionality cycleOfDividend""",
    Kind.CYCLES: "arrayCycleOfInterestPayment arrayCycleOfPrincipalRedemption arrayCycleOfRateReset",
    Kind.PERIOD: "settlementPeriod xDayNotice",
    Kind.TEXT: """
        contractID currency currency2 settlementCurrency marketObjectCode marketObjectCodeOfRateReset
        marketObjectCodeOfScalingIndex marketObjectCodeOfDividends calendar""",
    Kind.CHOICE: """
        contractType contractRole contractPerformance businessDayConvention endOfMonthConvention dayCountConvention
        interestCalculationBase scalingEffect prepaymentEffect penaltyType feeBasis deliverySettlement optionType
        optionExerciseType guaranteedExposure cyclePointOfInterestPayment cyclePointOfRateReset""",
    Kind.CHOICES: "arrayIncreaseDecrease arrayFixedVariable creditEventTypeCovered",
    Kind.STRUCTURE: "contractStructure",
}

KINDS: dict[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

ALIASES: dict[str, str] = {
    "cycleAnchorDateOfDividendPayment": "cycleAnchorDateOfDividend",
    "cycleOfDividendPayment": "cycleOfDividend",
    "marketObjectCodeOfDividend": "marketObjectCodeOfDividends",
    "scalingIndexAtStatusDate": "scalingIndexAtContractDealDate",
    "contractIdentifier": "contractID",
}

NAMES_FOLDED: dict[str, str] = {name.casefold(): name for name in KINDS} | {
    alias.casefold(): name for alias, name in ALIASES.items()
}
"""Case-folded spelling → the dictionary's name."""

CONTRACT_TYPES = (
    "PAM", "LAM", "NAM", "ANN", "LAX", "CLM", "UMP", "CSH", "STK",
    "COM", "FXOUT", "OPTNS", "FUTUR", "SWPPV", "SWAPS", "CAPFL", "CEG", "CEC",
)  # fmt: skip

ROLE_SIGNS: dict[str, int] = {
    "RPA": 1, "RPL": -1, "LG": 1, "ST": -1, "BUY": 1, "SEL": -1, "RFL": 1, "PFL": -1, "RF": 1, "PF": -1,
    "COL": 1, "CNO": 1, "GUA": -1, "OBL": 1, "UDL": 1, "UDLP": 1, "UDLM": -1,
}  # fmt: skip
"""Which way money flows for the contract's creator (techspecs §3.7); RF and PF are the dictionary's RFL and PFL."""

CHOICES: dict[str, tuple[str, ...]] = {
    "contractType": CONTRACT_TYPES,
    "contractRole": tuple(ROLE_SIGNS),
    "contractPerformance": ("PF", "DL", "DQ", "DF", "MA", "TE"),
    "creditEventTypeCovered": ("DL", "DQ", "DF"),
    "businessDayConvention": ("NOS", "SCF", "SCMF", "CSF", "CSMF", "SCP", "SCMP", "CSP", "CSMP"),
    "endOfMonthConvention": ("SD", "EOM"),
    "dayCountConvention": tuple(DayCount),
    "interestCalculationBase": ("NT", "NTIED", "NTL"),
    "scalingEffect": ("000", "I00", "0N0", "IN0", "00M", "I0M", "0NM", "INM"),
    "prepaymentEffect": ("N", "A", "M"),
    "penaltyType": ("O", "A", "N", "R", "I"),
    "feeBasis": ("A", "N"),
    "deliverySettlement": ("S", "D"),
    "optionType": ("C", "P", "CP"),
    "optionExerciseType": ("E", "B", "A"),
    "guaranteedExposure": ("NO", "NI", "MV"),
    "cyclePointOfInterestPayment": ("B", "E"),
    "cyclePointOfRateReset": ("B", "E"),
    "arrayIncreaseDecrease": ("INC", "DEC"),
    "arrayFixedVariable": ("F", "V"),
}

SYNONYMS: dict[str, dict[str, str]] = {
    "businessDayConvention": {"NULL": "NOS", "N": "NOS", "NOSHIFT": "NOS"},
    "endOfMonthConvention": {"SAMEDAY": "SD", "ENDOFMONTH": "EOM"},
    "dayCountConvention": {
        "A/A": "AA", "A/AISDA": "AA", "AAISDA": "AA", "A/360": "A360", "A/365": "A365",
        "30E/360": "30E360", "30E/360ISDA": "30E360ISDA", "28E/336": "28E336", "BUS252": "B252", "B/252": "B252",
    },
    "arrayFixedVariable": {"FIX": "F", "VAR": "V"},
    "penaltyType": {"0": "O"},
    "interestCalculationBase": {"NTSD": "NT"},
}  # fmt: skip
"""Other spellings of a choice, upper case and without blanks."""

DEFAULT_NUMBERS: dict[str, Decimal] = {
    "premiumDiscountAtIED": Decimal(0),
    "rateSpread": Decimal(0),
    "rateMultiplier": Decimal(1),
    "penaltyRate": Decimal(0),
    "feeRate": Decimal(0),
    "quantity": Decimal(1),
    "coverageOfCreditEnhancement": Decimal(1),
    "interestScalingMultiplier": Decimal(1),
    "notionalScalingMultiplier": Decimal(1),
}

DEFAULT_CHOICES: dict[str, str] = {
    "contractPerformance": "PF",
    "businessDayConvention": "NOS",
    "endOfMonthConvention": "SD",
    "interestCalculationBase": "NT",
    "scalingEffect": "000",
    "prepaymentEffect": "N",
    "penaltyType": "O",
    "deliverySettlement": "D",
    "cyclePointOfInterestPayment": "E",
    "cyclePointOfRateReset": "B",
    "guaranteedExposure": "NO",
    "optionExerciseType": "E",
}

_COMMON = "contractType contractID contractRole contractPerformance statusDate currency settlementCurrency"
_DATING = "calendar businessDayConvention endOfMonthConvention"
_TRADE = "purchaseDate priceAtPurchaseDate terminationDate priceAtTerminationDate"
_FEE = "cycleAnchorDateOfFee cycleOfFee feeBasis feeRate feeAccrued"
_RATE = "nominalInterestRate dayCountConvention accruedInterest"
_INTEREST = (
    f"{_RATE} cycleAnchorDateOfInterestPayment cycleOfInterestPayment capitalizationEndDate cyclePointOfInterestPayment"
)
_RESET = (
    "cycleAnchorDateOfRateReset cycleOfRateReset rateSpread rateMultiplier marketObjectCodeOfRateReset "
    "nextResetRate lifeCap lifeFloor periodCap periodFloor cyclePointOfRateReset"
)
_SCALING = (
    "cycleAnchorDateOfScalingIndex cycleOfScalingIndex scalingEffect marketObjectCodeOfScalingIndex "
    "scalingIndexAtContractDealDate interestScalingMultiplier notionalScalingMultiplier"
)
_PREPAYMENT = "cycleAnchorDateOfOptionality cycleOfOptionality prepaymentEffect penaltyType penaltyRate"
_EXCHANGE = "initialExchangeDate maturityDate notionalPrincipal premiumDiscountAtIED"
_BASE = (
    "interestCalculationBase interestCalculationBaseAmount cycleAnchorDateOfInterestCalculationBase "
    "cycleOfInterestCalculationBase"
)
_REDEMPTION = "cycleAnchorDateOfPrincipalRedemption cycleOfPrincipalRedemption nextPrincipalRedemptionPayment"
_ARRAYS = (
    "arrayCycleAnchorDateOfInterestPayment arrayCycleOfInterestPayment arrayCycleAnchorDateOfPrincipalRedemption "
    "arrayCycleOfPrincipalRedemption arrayNextPrincipalRedemptionPayment arrayIncreaseDecrease "
    "arrayCycleAnchorDateOfRateReset arrayCycleOfRateReset arrayRate arrayFixedVariable"
)
_EXERCISE = "exerciseDate exerciseAmount settlementPeriod"
_ENHANCEMENT = "guaranteedExposure coverageOfCreditEnhancement creditEventTypeCovered contractStructure maturityDate"

_BOND = (
    f"{_COMMON} marketObjectCode {_DATING} {_TRADE} {_FEE} {_INTEREST} {_RESET} {_SCALING} {_PREPAYMENT} {_EXCHANGE}"
)
_AMORTIZER = f"{_BOND} {_BASE} {_REDEMPTION}"
_CALLABLE = f"{_COMMON} {_DATING} {_FEE} {_INTEREST} {_RESET} {_EXCHANGE} xDayNotice"

APPLICABLE: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "PAM": _BOND,
        "LAM": _AMORTIZER,
        "NAM": _AMORTIZER,
        "ANN": f"{_AMORTIZER} amortizationDate",
        "LAX": f"{_BOND} {_BASE} {_ARRAYS}",
        "CLM": _CALLABLE,
        "UMP": f"{_CALLABLE} terminationDate priceAtTerminationDate",
        "CSH": f"{_COMMON} notionalPrincipal",
        "STK": (
            f"{_COMMON} marketObjectCode {_DATING} {_TRADE} cycleAnchorDateOfDividend cycleOfDividend "
            "nextDividendPaymentAmount marketObjectCodeOfDividends quantity"
        ),
        "COM": f"{_COMMON} marketObjectCode {_TRADE} quantity",
        "FXOUT": (
            f"{_COMMON} {_DATING} {_TRADE} maturityDate notionalPrincipal currency2 notionalPrincipal2 "
            "deliverySettlement settlementPeriod"
        ),
        "OPTNS": (
            f"{_COMMON} {_DATING} {_TRADE} {_EXERCISE} contractStructure maturityDate deliverySettlement optionType "
            "optionStrike1 optionStrike2 optionExerciseType optionExerciseEndDate cycleAnchorDateOfOptionality "
            "cycleOfOptionality"
        ),
        "FUTUR": (
            f"{_COMMON} {_DATING} {_TRADE} {_EXERCISE} contractStructure maturityDate deliverySettlement futuresPrice"
        ),
        "SWPPV": (
            f"{_COMMON} {_DATING} {_TRADE} {_INTEREST} {_RESET} {_EXCHANGE} nominalInterestRate2 deliverySettlement"
        ),
        "SWAPS": f"{_COMMON} {_TRADE} contractStructure deliverySettlement",
        "CAPFL": f"{_COMMON} {_TRADE} contractStructure lifeCap lifeFloor",
        "CEG": f"{_COMMON} {_DATING} {_TRADE} {_FEE} {_EXERCISE} {_ENHANCEMENT} notionalPrincipal dayCountConvention",
        "CEC": f"{_COMMON} {_DATING} {_EXERCISE} {_ENHANCEMENT}",
    }.items()
}

_LOAN_NEEDS = "statusDate contractRole initialExchangeDate notionalPrincipal"

REQUIRED: dict[str, tuple[str, ...]] = {
    kind: tuple(names.split())
    for kind, names in {
        "PAM": f"{_LOAN_NEEDS} maturityDate",
        "LAM": _LOAN_NEEDS,
        "NAM": f"{_LOAN_NEEDS} cycleOfPrincipalRedemption nextPrincipalRedemptionPayment nominalInterestRate",
        "ANN": f"{_LOAN_NEEDS} cycleOfPrincipalRedemption nominalInterestRate",
        "LAX": (
            f"{_LOAN_NEEDS} arrayCycleAnchorDateOfPrincipalRedemption arrayNextPrincipalRedemptionPayment "
            "arrayIncreaseDecrease"
        ),
        "CLM": _LOAN_NEEDS,
        "UMP": _LOAN_NEEDS,
        "CSH": "statusDate contractRole notionalPrincipal",
        "STK": "statusDate contractRole",
        "COM": "statusDate contractRole",
        "FXOUT": "statusDate contractRole maturityDate currency currency2 notionalPrincipal notionalPrincipal2",
        "OPTNS": "statusDate contractRole maturityDate contractStructure optionType optionStrike1",
        "FUTUR": "statusDate contractRole maturityDate contractStructure futuresPrice",
        "SWPPV": (
            "statusDate contractRole initialExchangeDate maturityDate notionalPrincipal nominalInterestRate "
            "nominalInterestRate2"
        ),
        "SWAPS": "statusDate contractRole contractStructure",
        "CAPFL": "statusDate contractRole contractStructure",
        "CEG": "statusDate contractRole contractStructure",
        "CEC": "statusDate contractRole contractStructure",
    }.items()
}
