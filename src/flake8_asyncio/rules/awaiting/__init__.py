"""Coroutines, tasks and what is awaited."""
