"""Reads of cms, by noun: results, indicators, site."""
