from optimizer.outcome import Outcome
def reasons(outcome): return []
