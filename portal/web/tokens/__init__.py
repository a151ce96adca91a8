"""API tokens: the pages on which people make them, and what programs do with them."""
