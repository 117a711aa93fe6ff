"""Security in things and rights: assets, their value, pledges and mortgages, registration, cover, release, sale."""
