"""What everything may import, and what imports nothing of ours: errors, whole files, decibels."""
