"""The room's pages: the firm's (``firm_*``) and the lender's (``bank_*``), each side with its own list of addresses."""
