"""What becomes of the values that a function's own names are given, along its control flow."""
