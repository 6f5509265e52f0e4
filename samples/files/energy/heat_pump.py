"""How the efficiency of a heat pump falls with the outdoor temperature."""

import numpy as np
import pandas as pd
import seaborn as sns

rng = np.random.default_rng(11)
outdoor = rng.uniform(-12, 18, size=160)
frame = pd.DataFrame(
    {
        "outdoor": outdoor,
        "efficiency": 3.4 + 0.09 * outdoor + rng.normal(0, 0.25, size=160),
        "heating": rng.choice(["floor", "radiators"], size=160),
    }
)
frame.loc[frame["heating"] == "radiators", "efficiency"] -= 0.6

grid = sns.lmplot(data=frame, x="outdoor", y="efficiency", hue="heating", height=5, aspect=1.4)
grid.set_axis_labels("Outdoor temperature in °C", "Heat per unit of electricity")
