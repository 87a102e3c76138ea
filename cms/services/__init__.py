"""Writes of cms that do not come from an editor's hand, by noun."""
