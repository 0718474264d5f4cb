"""The pure heart: snapshot, diff, group, policy, seeds, sample, looks, verdict, record.

Nothing in here reads a file, starts a process, asks the clock or prints. Values go in, values come out.
"""
