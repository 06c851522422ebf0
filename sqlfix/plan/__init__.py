"""From findings to a plan."""
