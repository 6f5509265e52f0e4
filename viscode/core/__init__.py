"""What every room stands on: records, their tables on disk, outcomes, hashes, the work store.

May import: no other room.
In and out: any record of records.py.
"""
