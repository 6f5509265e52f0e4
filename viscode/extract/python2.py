def python3_of(text): return None
