"""Reaction times before and after a cup of coffee: violins with their quartiles."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

rng = np.random.default_rng(3)
people = 80
before = rng.gamma(shape=9.0, scale=32.0, size=people)
after = before * rng.normal(0.92, 0.06, size=people)
times = pd.DataFrame({"before": before, "after": after}).melt(var_name="when", value_name="ms")

sns.set_theme(style="whitegrid")
fig, ax = plt.subplots(figsize=(6, 5))
sns.violinplot(data=times, x="when", y="ms", inner="quartile", color="#9ecae1", ax=ax)
ax.set(xlabel="", ylabel="Reaction time in ms", title="Eighty people, one cup of coffee")
plt.show()
