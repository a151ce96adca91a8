"""Running the portal: starts its processes, keeps them alive, and leaves none behind."""
