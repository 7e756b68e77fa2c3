"""Starting and entering event loops."""
