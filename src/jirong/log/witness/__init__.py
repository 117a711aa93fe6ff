"""A witness: somebody else's process, which cosigns a log's checkpoint only if it extends the last one it saw.

It is meant to run at a bank or a government office, with its own key and its own memory (C2SP tlog-witness). It needs
no database and no Django, and believes nothing of the log but what a consistency proof shows. Because an honest
witness cosigns one history only, the operator cannot show two.
"""
