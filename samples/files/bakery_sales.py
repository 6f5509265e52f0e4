"""Loaves sold by weekday, drawn by pandas."""

import pandas as pd

sales = pd.DataFrame(
    {
        "rye": [41, 38, 44, 47, 62, 88, 0],
        "wheat": [55, 51, 49, 60, 71, 104, 0],
        "spelt": [18, 22, 20, 19, 30, 41, 0],
    },
    index=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
)
ax = sales.drop(index="Sun").plot(kind="bar", stacked=True, colormap="YlOrBr", rot=0)
ax.set_ylabel("Loaves")
ax.set_title("Saturday sells twice as much as Monday")
