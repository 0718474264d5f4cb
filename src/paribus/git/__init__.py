"""The only door to Git: objects read safely, revisions, working-tree capture, refs."""
