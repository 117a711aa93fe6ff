"""Page and API vocabulary: what every room's views and API say in the same words.

A room hands this package plain values (a table declaration, a header, a refusal) and gets pages and answers that
look and behave alike: the same filters, the same keyset pages, the same problem+json. It knows nothing of any room:
who is looking, where navigation leads and which tokens are good are registered by the rooms above.
"""
