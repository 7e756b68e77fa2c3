"""What one file says by itself, as plain data: the same bytes and dotted name give the same facts."""
