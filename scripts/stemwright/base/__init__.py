"""The foundation that every package may import and that imports no other: errors, atomic files, decibels."""
