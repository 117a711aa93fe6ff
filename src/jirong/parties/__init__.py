"""Who exists and who may act: parties, roles, staff and their duties, keys, accounts, clusters, consent."""
