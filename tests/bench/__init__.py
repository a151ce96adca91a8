"""``make bench``: what the portal costs, each figure beside its floor in the same run."""
