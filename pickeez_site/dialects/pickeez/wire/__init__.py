"""Pickeez's objects, made of the domain's values. All members are always there; null is unknown."""
