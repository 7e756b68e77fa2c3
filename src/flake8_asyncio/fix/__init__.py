"""Fixes: from the verbs that rules give to changed files.

A fix is worked out against the text that was linted, as *edits*: stretches and what to write for them. The one
expression that an edit is about is taken apart by libcst, so that comments, spaces and parentheses stay; everything
else of the file is never touched, whatever its encoding and line ends are. What comes out is linted again before it
is used.
"""
