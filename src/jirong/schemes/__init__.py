"""The scheme language: a financing scheme as a document of sentences.

``parse`` reads YAML into a frozen :class:`~jirong.schemes.model.scheme.Scheme` with a line for every mistake;
``check`` refuses what cannot work; ``explain`` says it in Chinese and English; ``diff`` says what changed;
``diagram`` says who pays whom; ``evaluate`` applies it to one firm. All pure: whatever lies outside the document
(rules, rates, known features) is an argument.
"""
