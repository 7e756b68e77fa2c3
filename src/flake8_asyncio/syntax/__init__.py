"""One file's text and tree; knows nothing of facts."""
