"""The runtime of schemes: published versions, applications, decisions, contracts, loans, the close of business."""
