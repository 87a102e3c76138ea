"""Every non-trivial read of cases, split by who reads."""
