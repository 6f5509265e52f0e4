"""What runs inside the sandbox, in a script of its own (viscode/supply/recorder.py): values in the
place of missing ones that note what they are asked for. Standard library and numpy; pandas and
plotting libraries only where the script has them."""
