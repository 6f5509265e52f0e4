def modernise(tree): return ()
def mend_by_rename(tree, t, m, l): return None
