"""What `make run` adds to the product; nothing in ``portal`` needs it."""
