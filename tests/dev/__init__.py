"""What `make run` adds, under test."""
