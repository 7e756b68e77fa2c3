"""All files together, on demand: what a reference means, and what a call may come to."""
