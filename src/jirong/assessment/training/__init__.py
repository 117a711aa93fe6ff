"""Training and judging of models: what makes a document under ``catalogue/methods`` and what says how good it is.

Needs the extra ``models`` (LightGBM, scikit-learn, optbinning); scoring a finished scorecard needs none of it. Every
evaluation is out of time by default, looks for leakage unasked, and states its figures with intervals.
"""
