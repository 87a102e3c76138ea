"""What other systems talk to: Open311 GeoReport v2."""
