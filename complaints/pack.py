"""Loads categories, clocks and the duty matrix from the district's data pack."""

from __future__ import annotations
