"""Payments: instructed by a party, executed by a bank, mirrored here. The platform holds no money."""
