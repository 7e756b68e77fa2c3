"""Cancellation, timeouts and tasks."""
