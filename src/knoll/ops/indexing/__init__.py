"""Elements taken from the places that indices name, and put there."""
