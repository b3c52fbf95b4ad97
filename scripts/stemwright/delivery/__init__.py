"""Delivery: delivered files, what they say about themselves, their archive, and the texts that describe them."""
