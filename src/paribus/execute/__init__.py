"""Clones, workers and sessions: where runs happen. Every run goes through `concurrent.futures.Executor`."""
