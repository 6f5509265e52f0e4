"""Benchmark tasks -> answers with self-debug, verdicts under two protocols, scores.

May import: core, corpora, execution, libraries, llm, settings, text.
In: Task. Out: Attempt, JudgedAttempt.
"""
