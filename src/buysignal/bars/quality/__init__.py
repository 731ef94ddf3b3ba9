"""What bars say of their own quality: checks, certain repairs, adjusting, and the one door to bars that may be used."""
