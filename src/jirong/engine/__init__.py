"""The pure heart of Jirong: what a step of a contract does, written once for every driver.

The HTTP API, the close of business, the simulator and a scheme's trial all call :func:`jirong.engine.step.step`;
what it answers (claims changed, transfers and payments intended, reasons) they store or count. Nothing here reads a
clock, a database or the environment: the business date, the rules and the facts are arguments.
"""
