"""Assessment: methods that turn features into a score, a level and reasons, and the results they gave.

``methods/`` is pure: a method is a document of the catalogue and a function of features and a day. The rest of the
room stores what came out, insert-only and seen only by whom it concerns; ``training/`` makes and judges trained methods.
"""
