"""Instruments: what turns notes into sound."""
