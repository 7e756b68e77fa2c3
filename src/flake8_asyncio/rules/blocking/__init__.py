"""What stops the event loop."""
